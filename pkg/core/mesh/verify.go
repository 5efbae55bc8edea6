package mesh

import (
	"fmt"
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Seen is what shows whether an arm's requests went through a data plane.
type Seen struct {
	Role  v1alpha1.Role
	Pods  []SeenPod
	Ports []int32
	// OthersAnswer is set where a Service of the user's answers, whose headers nobody
	// here knows.
	OthersAnswer bool
	// Probes are those of all trials.
	Probes []v1alpha1.Probe
	// Counts are what proxies counted in all trials.
	Counts []v1alpha1.ProxyCount
}

// Verify says whether requests went through the data plane that was detected,
// and whether they were encrypted. It claims only what answers showed or
// proxies counted, or what pods carry where that is proof, and of these what was
// counted weighs most; what leaves no trace is "unknown", never "none".
func (c Catalogue) Verify(d v1alpha1.DataPlane, seen Seen) v1alpha1.DataPlane {
	m, known := Mesh{}, false
	if d.Mesh != "" {
		if found, err := c.Get(d.Mesh); err == nil {
			m, known = found, true
		}
	}
	v := &verification{mesh: m, seen: seen,
		client: side{name: v1alpha1.SideClient, pods: "load pods"},
		server: side{name: v1alpha1.SideServer, pods: "target pods"}}
	switch {
	case known:
		v.pods()
		v.headers(m.Proof.Headers)
		v.counters()
		v.conclude()
	case seen.Role == v1alpha1.RoleMeshed || d.Confidence != v1alpha1.ConfidenceUnknown:
		v.strangers()
		v.conclude()
	default:
		v.baseline(c)
	}
	v.encryption()
	d.Path, d.PathEvidence = v.path, v.evidence
	d.MTLS, d.MTLSEvidence = v.mtls, v.mtlsEvidence
	d.Proxies = m.settingsOf(seen.Pods)
	return d
}

// verification is a conclusion in the making.
type verification struct {
	mesh           Mesh
	seen           Seen
	client, server side
	// doubt is set where pods or trials contradict each other.
	doubt        bool
	path         v1alpha1.Path
	evidence     []string
	mtls         v1alpha1.Answer
	mtlsEvidence []string
	// proved is set where a header names the peer that mutual TLS proved.
	proved bool
	// counted is what a counter says of mutual TLS; empty where none does.
	counted v1alpha1.Answer
}

// sides are both, the client's first.
func (v *verification) sides() []*side { return []*side{&v.client, &v.server} }

func (v *verification) say(format string, args ...any) {
	v.evidence = append(v.evidence, fmt.Sprintf(format, args...))
}

// conclude puts the sides together.
func (v *verification) conclude() {
	client, server := v.client.state(v.mesh, v.server), v.server.state(v.mesh, v.client)
	v.path = pathOf(client, server)
	for _, s := range []struct {
		side  side
		state sideState
	}{{v.client, client}, {v.server, server}} {
		if s.side.shown && s.side.off && !s.side.through {
			v.say("%s side: headers of the proxy were seen all the same", s.side.name)
		}
		if s.state == sideUnknown && s.side.present && v.mesh.Architecture.PerPod() {
			v.say("%s side: the container alone does not show that requests pass it", s.side.name)
		}
	}
	if v.doubt {
		v.path = v1alpha1.PathUnknown
	}
	// Mutual TLS takes a proxy on both sides, so one of the two is not so.
	if v.counted == v1alpha1.AnswerYes && v.path != v1alpha1.PathBothSides && v.path != v1alpha1.PathUnknown {
		v.say("that contradicts the mutual TLS that was counted, which takes a proxy on both sides")
		v.path = v1alpha1.PathUnknown
	}
	if v.path == v1alpha1.PathUnknown && len(v.evidence) == 0 {
		v.say("nothing shows whether requests went through the data plane")
	}
}

// baseline wants nothing in the way: no container of a mesh, no mark, no header
// that neither the load pod nor the target writes.
func (v *verification) baseline(c Catalogue) {
	v.strangers()
	for _, m := range c.meshes {
		v.headers(m.Proof.Headers)
	}
	foreign := v.foreign()
	switch {
	case v.client.shown || v.server.shown:
		v.doubt = false
		v.conclude()
	case len(v.seen.Pods) == 0:
		v.path = v1alpha1.PathUnknown
		v.say("no pods were seen")
	case v.doubt || foreign:
		v.path = v1alpha1.PathUnknown
	default:
		v.path = v1alpha1.PathNone
		v.say("no pod of either side carries a container, label or annotation of a mesh")
		if n := len(v.seen.Probes); n > 0 {
			v.say("none of %d probes had a header that a proxy adds", n)
		}
	}
}

// encryption concludes whether both ends were authenticated and encrypted.
func (v *verification) encryption() {
	because := func(answer v1alpha1.Answer, format string, args ...any) {
		v.mtls = answer
		v.mtlsEvidence = append(v.mtlsEvidence, fmt.Sprintf(format, args...))
	}
	provable := slices.ContainsFunc(v.mesh.Proof.Headers, func(h HeaderProof) bool { return h.MTLS })
	around := v.path == v1alpha1.PathNone || v.path == v1alpha1.PathClientSide || v.path == v1alpha1.PathServerSide
	switch {
	case v.counted != "":
		v.mtls = v.counted
	case v.proved && around:
		because(v1alpha1.AnswerUnknown, "only the probes before the load had it: the load itself went around a proxy")
	case v.proved:
		v.mtls = v1alpha1.AnswerYes
	case v.mesh.Proof.MTLS == MTLSNever:
		because(v1alpha1.AnswerNo, "%s has no mutual TLS", v.mesh.Title)
	case v.path == v1alpha1.PathNone:
		because(v1alpha1.AnswerNo, "requests go through no data plane")
	case around:
		because(v1alpha1.AnswerNo, "only one side has a proxy")
	case v.mesh.Proof.MTLS == MTLSAlways && v.path == v1alpha1.PathBothSides && !provable:
		because(v1alpha1.AnswerYes, "between two of its pods %s always encrypts, by its documents", v.mesh.Title)
	case provable && len(v.seen.Probes) > 0:
		because(v1alpha1.AnswerUnknown, "no probe had the header by which %s names its peer", v.mesh.Title)
	default:
		because(v1alpha1.AnswerUnknown, "nothing that can be seen tells")
	}
	if v.mtls == v1alpha1.AnswerUnknown && v.counted == "" {
		v.mtlsEvidence = append(v.mtlsEvidence, v.untold()...)
	}
}
