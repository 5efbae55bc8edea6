package mesh

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Seen is what shows whether an arm's requests went through a data plane.
type Seen struct {
	Role  v1alpha1.Role
	Pods  []SeenPod
	Ports []int32
	// Probes are those of all trials.
	Probes []v1alpha1.Probe
	// Counts are what proxies counted in all trials.
	Counts []v1alpha1.ProxyCount
}

// Verify says whether requests went through the data plane that was detected,
// and whether they were encrypted. It claims only what pods carry, answers
// showed or proxies counted, and of these the last weighs most; a mesh that
// leaves no trace on either is "unknown", never "none".
func (c Catalogue) Verify(d v1alpha1.DataPlane, seen Seen) v1alpha1.DataPlane {
	m, known := Mesh{}, false
	if d.Mesh != "" {
		if found, err := c.Get(d.Mesh); err == nil {
			m, known = found, true
		}
	}
	v := &verdict{mesh: m, seen: seen}
	switch {
	case known:
		v.pods()
		v.headers(m.Proof.Headers)
		v.counters()
		v.conclude()
	case (seen.Role == v1alpha1.RoleBaseline || seen.Role == v1alpha1.RoleControl) &&
		d.Confidence == v1alpha1.ConfidenceUnknown:
		v.baseline(c)
	default:
		v.strangers()
		v.conclude()
	}
	v.encryption()
	d.Path, d.PathEvidence = v.path, v.evidence
	d.MTLS, d.MTLSEvidence = v.mtls, v.mtlsEvidence
	d.Proxies = m.settingsOf(seen.Pods)
	return d
}

// verdict is a conclusion in the making.
type verdict struct {
	mesh Mesh
	seen Seen
	// client and server are set where that side's part of the data plane was
	// seen; absent where it is certain that it is not there.
	client, server             bool
	clientAbsent, serverAbsent bool
	// doubt is set where pods contradict each other or ports are left out.
	doubt        bool
	path         v1alpha1.Path
	evidence     []string
	mtls         v1alpha1.Answer
	mtlsEvidence []string
	// proved is set where a header names the peer that mutual TLS proved.
	proved bool
	// counted is what a counter says of mutual TLS; empty where none does.
	counted v1alpha1.Answer
	// byPods is set where both sides were seen on pods.
	byPods bool
}

func (v *verdict) say(format string, args ...any) {
	v.evidence = append(v.evidence, fmt.Sprintf(format, args...))
}

// headers looks at what proxies added to the probes.
func (v *verdict) headers(proofs []HeaderProof) {
	total := len(v.seen.Probes)
	if total == 0 {
		return
	}
	for _, proof := range proofs {
		with := 0
		for _, p := range v.seen.Probes {
			if proof.in(p) {
				with++
			}
		}
		if with == 0 {
			continue
		}
		v.say("%d of %d probes had %s", with, total, proof)
		if with < total {
			continue
		}
		v.doubt = false // the proxy was met, whatever the annotations say
		v.client = v.client || proof.Shows != ShowsServer
		v.server = v.server || proof.Shows != ShowsClient
		v.clientAbsent = v.clientAbsent && !v.client
		v.serverAbsent = v.serverAbsent && !v.server
		if proof.MTLS {
			v.proved = true
			v.mtlsEvidence = append(v.mtlsEvidence,
				fmt.Sprintf("%d of %d probes had %s, which names the peer that mutual TLS proved", with, total, proof))
		}
	}
}

func (h HeaderProof) in(p v1alpha1.Probe) bool {
	names := p.RequestHeaders
	if h.In == InResponse {
		names = p.ResponseHeaders
	}
	return slices.Contains(names, h.Name) && (h.Value == "" || strings.EqualFold(p.ServerHeader, h.Value))
}

// String is how evidence names the header.
func (h HeaderProof) String() string {
	text := fmt.Sprintf("%s header %s", h.In, h.Name)
	if h.Value != "" {
		text += ": " + h.Value
	}
	return text
}

// conclude puts the sides together.
func (v *verdict) conclude() {
	switch {
	case v.doubt:
		v.path = v1alpha1.PathUnknown
	case v.client && v.server:
		v.path = v1alpha1.PathBothSides
	case v.client && v.serverAbsent:
		v.path = v1alpha1.PathClientSide
	case v.server && v.clientAbsent:
		v.path = v1alpha1.PathServerSide
	case v.clientAbsent && v.serverAbsent:
		v.path = v1alpha1.PathNone
	default:
		v.path = v1alpha1.PathUnknown
		v.say("nothing shows whether requests went through the data plane")
	}
}

// baseline wants nothing in the way: no container, no mark, no header that
// neither the load pod nor the target writes.
func (v *verdict) baseline(c Catalogue) {
	v.strangers()
	for _, m := range c.meshes {
		v.headers(m.Proof.Headers)
	}
	if v.doubt || v.client || v.server {
		v.doubt = false
		v.conclude()
		return
	}
	if len(v.seen.Pods) == 0 {
		v.path = v1alpha1.PathUnknown
		v.say("no pods were seen")
		return
	}
	v.path = v1alpha1.PathNone
	v.say("no pod of either side carries a container, label or annotation of a mesh")
	if n := len(v.seen.Probes); n > 0 {
		v.say("none of %d probes had a header that a proxy adds", n)
	}
}

// encryption concludes whether both ends were authenticated and encrypted.
func (v *verdict) encryption() {
	because := func(answer v1alpha1.Answer, format string, args ...any) {
		v.mtls = answer
		v.mtlsEvidence = append(v.mtlsEvidence, fmt.Sprintf(format, args...))
	}
	provable := slices.ContainsFunc(v.mesh.Proof.Headers, func(h HeaderProof) bool { return h.MTLS })
	switch {
	case v.counted != "":
		v.mtls = v.counted
	case v.proved:
		v.mtls = v1alpha1.AnswerYes
	case v.mesh.Proof.MTLS == MTLSNever:
		because(v1alpha1.AnswerNo, "%s has no mutual TLS", v.mesh.Title)
	case v.path == v1alpha1.PathNone:
		because(v1alpha1.AnswerNo, "requests go through no data plane")
	case v.path == v1alpha1.PathClientSide, v.path == v1alpha1.PathServerSide:
		because(v1alpha1.AnswerNo, "only one side has a proxy")
	case v.mesh.Proof.MTLS == MTLSAlways && v.byPods && !provable:
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
