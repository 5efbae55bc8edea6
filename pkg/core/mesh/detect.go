package mesh

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Observation is what an arm's mesh is concluded from. Pods may be none yet,
// and Installed may be empty.
type Observation struct {
	// Told is the id that the user named; empty if none.
	Told      string
	Role      v1alpha1.Role
	Namespace Meta
	// Asked is what the experiments give to the arm's pods (spec.pods), by which they
	// may opt in or out before they are there.
	Asked Meta
	// Pods are those of the run, of both sides.
	Pods      []SeenPod
	Installed Installed
}

// SeenPod is a pod of ours as it was created.
type SeenPod struct {
	// Side is client for load pods, server for targets.
	Side v1alpha1.Side
	Name string
	Mesh v1alpha1.PodMesh
}

// suspect is a mesh and how much speaks for it.
type suspect struct {
	mesh     Mesh
	evidence []string
	// podProof: pods carry what only this mesh puts there. podHint: they carry
	// a container of its proxy's name, which others may have too.
	podProof, podHint bool
	intent            Intent
	installed         bool
}

// Detect concludes which mesh an arm is in. It returns an *UnknownError if the
// user named a mesh that is not in the catalogue. Path and mTLS are left
// unknown; see Verify.
func (c Catalogue) Detect(o Observation) (v1alpha1.DataPlane, error) {
	out := v1alpha1.DataPlane{
		Confidence: v1alpha1.ConfidenceUnknown, Path: v1alpha1.PathUnknown, MTLS: v1alpha1.AnswerUnknown,
		Unread: slices.Clone(o.Installed.Missing),
	}
	suspects := c.suspects(o)
	var chosen []suspect
	if o.Told != "" {
		told, err := c.Get(o.Told)
		if err != nil {
			return out, err
		}
		out.Told = true
		chosen, out.Confidence = c.confirm(told, suspects, o)
	} else {
		chosen, out.Confidence = decide(suspects, o)
	}
	for _, s := range chosen {
		out.Evidence = append(out.Evidence, s.evidence...)
	}
	if len(chosen) > 1 {
		for _, s := range chosen {
			out.Candidates = append(out.Candidates, s.mesh.ID)
		}
	}
	if len(chosen) == 0 {
		out.Evidence = append(out.Evidence, nothing(o))
		if o.Role == v1alpha1.RoleMeshed {
			out.Evidence = append(out.Evidence, c.lacking(o)...)
		}
		for _, s := range suspects {
			if s.intent == IntentOptedOut {
				out.Evidence = append(out.Evidence, s.evidence...)
			}
		}
	}
	if len(chosen) == 1 || out.Told {
		m := chosen[0].mesh
		out.Mesh, out.Architecture = m.ID, string(m.Architecture)
		out.ControlPlaneVersion = m.versionIn(o.Installed, RoleControlPlane, m.Versions.ControlPlane)
		out.DataPlaneVersion = m.dataPlaneVersion(o)
		var by []string
		out.Variants, by = m.variantsIn(o)
		out.Evidence = append(out.Evidence, by...)
	}
	return out, nil
}

func nothing(o Observation) string {
	if len(o.Pods) == 0 {
		return "the namespace asks for no mesh in the catalogue"
	}
	return "the namespace asks for no mesh in the catalogue, and its pods carry none"
}

// suspects are all meshes that something speaks for, by id.
func (c Catalogue) suspects(o Observation) []suspect {
	var all []suspect
	for _, m := range c.meshes {
		if m.Support == SupportNamed {
			continue
		}
		s := suspect{mesh: m}
		s.look(o)
		if s.podProof || s.podHint || s.intent != IntentNone || s.installed {
			all = append(all, s)
		}
	}
	// A mesh that stays out of pods of another is no suspect beside it.
	return slices.DeleteFunc(all, func(s suspect) bool {
		return !s.podProof && slices.ContainsFunc(all, func(other suspect) bool {
			return other.intent == IntentEnrolled && slices.Contains(other.mesh.Enrol.Beats, s.mesh.ID)
		})
	})
}

func (s *suspect) look(o Observation) {
	m := s.mesh
	var marks []string
	pod := o.Asked
	for _, p := range o.Pods {
		pod = Meta{Labels: p.Mesh.Labels, Annotations: p.Mesh.Annotations}
		if found, ok := first(m.Pod.Marks, pod, string(p.Side)+" pod"); ok {
			s.podProof = true
			marks = append(marks, found...)
		}
		if name, ok := m.proxyIn(p.Mesh); ok {
			s.podHint = true
			marks = append(marks, fmt.Sprintf("%s pod has container %s", p.Side, name))
			if slices.ContainsFunc(p.Mesh.Containers,
				func(x v1alpha1.MeshContainer) bool { return slices.Contains(m.Pod.Setup, x.Name) }) {
				s.podProof = true
			}
		}
	}
	var asked []string
	s.intent, asked = m.Enrol.Of(o.Namespace, pod)
	if s.intent == IntentOptedOut {
		for i := range asked {
			asked[i] += ", which keeps " + m.Title + " out"
		}
	}
	installed, strong := m.installed(o.Installed)
	s.installed = strong
	slices.Sort(marks)
	s.evidence = append(append(slices.Compact(marks), asked...), installed...)
}

// proxyIn finds the mesh's proxy among a pod's injected containers.
func (m Mesh) proxyIn(p v1alpha1.PodMesh) (string, bool) {
	for _, c := range p.Containers {
		if slices.Contains(m.Pod.Proxies, c.Name) && (!c.Init || c.Native) {
			return c.Name, true
		}
	}
	return "", false
}

// backed reports whether more than the name of a container speaks for a mesh.
func (s suspect) backed() bool { return s.intent == IntentEnrolled || s.installed }

// hinted reports whether the name of a container may be believed: "envoy" and
// "sidecar" alone say nothing.
func (s suspect) hinted() bool { return s.podHint && s.backed() }

// decide picks the suspects that fit best: what pods carry, then what the
// namespace asks for, then what is installed.
func decide(all []suspect, o Observation) ([]suspect, v1alpha1.Confidence) {
	keep := func(wanted func(suspect) bool) []suspect {
		return slices.DeleteFunc(slices.Clone(all), func(s suspect) bool { return !wanted(s) })
	}
	proven := keep(func(s suspect) bool { return s.podProof })
	if len(proven) > 0 {
		return graded(proven, v1alpha1.ConfidenceCertain)
	}
	if hinted := keep(suspect.hinted); len(hinted) > 0 {
		return graded(hinted, v1alpha1.ConfidenceLikely)
	}
	if o.Role == v1alpha1.RoleBaseline || o.Role == v1alpha1.RoleControl {
		// What the cluster has does not concern a namespace that asks for none.
		return graded(keep(func(s suspect) bool { return s.intent == IntentEnrolled }), v1alpha1.ConfidenceLikely)
	}
	if asked := keep(func(s suspect) bool { return s.intent == IntentEnrolled }); len(asked) > 0 {
		for i := range asked {
			if m := asked[i].mesh; len(o.Pods) > 0 && m.Architecture.PerPod() {
				asked[i].evidence = append(asked[i].evidence, m.missed())
			}
		}
		return graded(asked, v1alpha1.ConfidenceLikely)
	}
	// Sidecars that are installed but not asked for are not in this arm. Then what
	// the cluster's network is made of, and every pod is on, is no mesh of it either.
	if slices.ContainsFunc(all, func(s suspect) bool { return s.installed && s.mesh.Architecture.PerPod() }) {
		return nil, v1alpha1.ConfidenceUnknown
	}
	return graded(keep(func(s suspect) bool {
		return s.installed && s.mesh.Architecture.Covers() && s.intent != IntentOptedOut && len(s.mesh.Pod.Marks) == 0
	}), v1alpha1.ConfidenceLikely)
}

// missed says that a namespace asks for a proxy that its pods did not get.
func (m Mesh) missed() string {
	text := fmt.Sprintf("the namespace asks for %s, but no pod carries its container %s: the webhook did not change them",
		m.Title, strings.Join(m.Pod.Proxies, " or "))
	if slices.ContainsFunc(m.Detect.Webhooks, func(w Webhook) bool { return w.FailsOpen }) {
		text += ", and this one lets pods through when it does not answer"
	}
	return text
}

func graded(found []suspect, one v1alpha1.Confidence) ([]suspect, v1alpha1.Confidence) {
	switch len(found) {
	case 0:
		return nil, v1alpha1.ConfidenceUnknown
	case 1:
		return found, one
	default:
		return found, v1alpha1.ConfidenceAmbiguous
	}
}

// confirm holds what the user said against what was seen. The mesh that was
// told comes first; others follow only where pods prove them.
func (c Catalogue) confirm(told Mesh, all []suspect, o Observation) ([]suspect, v1alpha1.Confidence) {
	chosen := []suspect{{mesh: told, intent: IntentNone}}
	for _, s := range all {
		if s.mesh.ID == told.ID {
			chosen[0] = s
		}
	}
	chosen[0].evidence = append([]string{fmt.Sprintf("annotation %s=%s", v1alpha1.AnnotationMesh, told.ID)},
		chosen[0].evidence...)
	if len(o.Pods) > 0 && told.Architecture.PerPod() && !chosen[0].podProof && !chosen[0].podHint {
		chosen[0].evidence = append(chosen[0].evidence, told.missed())
	}
	for _, s := range all {
		if s.mesh.ID != told.ID && s.podProof {
			chosen = append(chosen, s)
		}
	}
	if len(chosen) > 1 {
		return chosen, v1alpha1.ConfidenceAmbiguous
	}
	return chosen, v1alpha1.ConfidenceCertain
}

func (m Mesh) dataPlaneVersion(o Observation) string {
	for _, p := range o.Pods {
		if v := versionOf(m.Versions.DataPlane, Meta{Labels: p.Mesh.Labels, Annotations: p.Mesh.Annotations},
			p.Mesh.Containers); v != "" {
			return v
		}
	}
	return m.versionIn(o.Installed, RoleNode, m.Versions.DataPlane)
}
