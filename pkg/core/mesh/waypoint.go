package mesh

import (
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// layer says whether answers came through a waypoint; empty for a mesh whose
// waypoints cannot be told, and where probes differ or there is none.
func (m Mesh) layer(probes []v1alpha1.Probe) v1alpha1.Layer {
	probes = telling(probes)
	met := 0
	for _, h := range m.Proof.Headers {
		if !h.Waypoint {
			continue
		}
		for _, p := range probes {
			if h.in(p) {
				met++
			}
		}
		switch {
		case len(probes) == 0:
		case met == len(probes):
			return v1alpha1.LayerRequests
		case met == 0:
			return v1alpha1.LayerConnections
		}
	}
	return ""
}

// asksForWaypoint reports whether a namespace asks for one.
func (m Mesh) asksForWaypoint(namespace Meta) bool {
	on := func(w Marks) bool { _, ok := w.On(namespace); return ok }
	return slices.ContainsFunc(m.Enrol.Waypoint, on) && !slices.ContainsFunc(m.Enrol.NoWaypoint, on)
}
