package mesh

import "github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"

// side is what is known of one side's part of the data plane. Presence is no
// path: a container takes requests only where something leads them to it.
type side struct {
	name v1alpha1.Side
	// pods is what reports call the pods of this side.
	pods string
	// present is set where all pods carry the mesh's part, absent where none
	// does of a mesh that would show there.
	present, absent bool
	// off is set where marks of a pod turn the interception off, and leftOut
	// where they lead the benchmark's ports around the proxy.
	off, leftOut bool
	// shown is set where a header of this side's proxy was in all probes.
	shown bool
	// through and around are what its counters prove.
	through, around bool
}

// state is what is concluded of a side. Counters weigh more than headers, which
// only the probes before the warm-up carried, and headers more than pods.
func (s side) state(m Mesh, other side) sideState {
	switch {
	case s.through:
		return sideThrough
	case s.around:
		return sideAround
	case s.shown:
		return sideThrough
	case s.absent, s.off:
		return sideAround
	case s.leftOut && (other.shown || other.through):
		// The other side's proxy shows in what it passes on; this one does not.
		return sideAround
	case s.leftOut:
		return sideUnknown
	case s.present && !m.Architecture.PerPod():
		return sideThrough // the mark is put there once requests are led to the node's proxy
	case s.present && s.name == v1alpha1.SideServer && (other.shown || other.through):
		// What the server's proxy adds, the client's may write over.
		return sideThrough
	default:
		return sideUnknown
	}
}

// sideState says whether requests went through one side's proxy.
type sideState int

const (
	sideUnknown sideState = iota
	sideThrough
	sideAround
)

// pathOf puts both sides together.
func pathOf(client, server sideState) v1alpha1.Path {
	switch {
	case client == sideThrough && server == sideThrough:
		return v1alpha1.PathBothSides
	case client == sideThrough && server == sideAround:
		return v1alpha1.PathClientSide
	case server == sideThrough && client == sideAround:
		return v1alpha1.PathServerSide
	case client == sideAround && server == sideAround:
		return v1alpha1.PathNone
	default:
		return v1alpha1.PathUnknown
	}
}
