package mesh

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Bypass is where a pod says which of its traffic goes around the proxy.
// Annotation or Arg is set, or both.
type Bypass struct {
	Annotation string `json:"annotation,omitempty"`
	// Arg is a flag of one of the mesh's setup containers.
	Arg string `json:"arg,omitempty"`
	// Side is client for what leaves the pod, server for what arrives.
	Side v1alpha1.Side `json:"side"`
	// Only is set where the value lists what is led to the proxy, and all else
	// goes around it.
	Only bool `json:"only,omitempty"`
	// Ranges is set where the value lists address ranges instead of ports.
	Ranges bool `json:"ranges,omitempty"`
}

// pods looks for the data plane on the pods of both sides.
func (v *verification) pods() {
	m := v.mesh
	if len(m.Pod.Proxies) == 0 && len(m.Pod.Marks) == 0 {
		v.say("%s leaves no trace on pods", m.Title)
		return
	}
	for _, s := range v.sides() {
		v.seekOnPods(s)
		for _, p := range v.seen.Pods {
			if p.Side == s.name {
				v.switchedOff(s, p)
				v.bypassed(s, p)
			}
		}
	}
}

// seekOnPods looks whether the pods of one side carry the mesh's part.
func (v *verification) seekOnPods(s *side) {
	m := v.mesh
	total, with := 0, 0
	native := false
	for _, p := range v.seen.Pods {
		if p.Side != s.name {
			continue
		}
		total++
		if m.on(p.Mesh) {
			with++
			native = native || slices.ContainsFunc(p.Mesh.Containers,
				func(c v1alpha1.MeshContainer) bool { return c.Native && slices.Contains(m.Pod.Proxies, c.Name) })
		}
	}
	what := "marks"
	if m.Architecture.PerPod() {
		what = "container " + strings.Join(m.Pod.Proxies, " or ")
		if native {
			what += " as a native sidecar"
		}
	}
	switch {
	case total == 0:
		v.say("no %s were seen", s.pods)
	case with == total:
		s.present = true
		v.say("%d of %d %s carry %s's %s", with, total, s.pods, m.Title, what)
	case with == 0 && m.Architecture.PerPod():
		s.absent = true
		v.say("none of %d %s carries %s's %s", total, s.pods, m.Title, what)
	case with == 0:
		v.say("none of %d %s carries %s's %s, which may come late", total, s.pods, m.Title, what)
	default:
		v.doubt = true
		v.say("only %d of %d %s carry %s's %s", with, total, s.pods, m.Title, what)
	}
}

// on reports whether a pod is in the mesh by what it carries.
func (m Mesh) on(p v1alpha1.PodMesh) bool {
	if m.Architecture.PerPod() {
		_, ok := m.proxyIn(p)
		return ok
	}
	_, ok := first(m.Pod.Marks, Meta{Labels: p.Labels, Annotations: p.Annotations}, "")
	return ok
}

// switchedOff looks for marks that keep traffic from a proxy that is there.
func (v *verification) switchedOff(s *side, p SeenPod) {
	found, ok := first(v.mesh.Pod.SwitchedOff, Meta{Labels: p.Mesh.Labels, Annotations: p.Mesh.Annotations},
		string(s.name)+" pod")
	if ok && !s.off {
		s.off = true
		v.say("%s: no request is led to the proxy", strings.Join(found, ", "))
	}
}

// bypassed looks for what leads the benchmark's own ports around the proxy.
func (v *verification) bypassed(s *side, p SeenPod) {
	for _, b := range v.mesh.Pod.Bypass {
		value, from, ok := b.valueIn(v.mesh, p.Mesh)
		if b.Side != s.name || !ok || !b.leavesOut(value, v.seen.Ports) {
			continue
		}
		said := fmt.Sprintf("%s pod has %s=%s, which leads its port around the proxy", s.name, from, shortened(value))
		if b.Ranges {
			said = fmt.Sprintf("%s pod has %s=%s, which may lead its requests around the proxy", s.name, from,
				shortened(value))
		}
		s.leftOut = true
		if !slices.Contains(v.evidence, said) {
			v.say("%s", said)
		}
	}
}

// valueIn finds what the pod says, and where it says so.
func (b Bypass) valueIn(m Mesh, p v1alpha1.PodMesh) (value, from string, ok bool) {
	if value, ok := p.Annotations[b.Annotation]; ok && b.Annotation != "" {
		return value, "annotation " + b.Annotation, true
	}
	for _, c := range p.Containers {
		if value, ok := c.Settings[b.Arg]; ok && b.Arg != "" && slices.Contains(m.Pod.Setup, c.Name) {
			return value, fmt.Sprintf("container %s %s", c.Name, b.Arg), true
		}
	}
	return "", "", false
}

func (b Bypass) leavesOut(value string, ports []int32) bool {
	switch {
	case b.Ranges && b.Only:
		return value != "*" && value != "0.0.0.0/0"
	case b.Ranges:
		return strings.TrimSpace(value) != ""
	case b.Only:
		return !slices.ContainsFunc(ports, func(p int32) bool { return listed(value, p) })
	default:
		return slices.ContainsFunc(ports, func(p int32) bool { return listed(value, p) })
	}
}

// listed reports whether a list of ports and ranges of them holds a port.
func listed(value string, port int32) bool {
	for _, part := range strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' }) {
		var from, to int32
		if part == "*" || part == "true" {
			return true
		}
		n, err := fmt.Sscanf(part, "%d-%d", &from, &to)
		if n == 0 && err != nil {
			continue
		}
		if (Ports{From: from, To: to}).Holds(port) {
			return true
		}
	}
	return false
}

// strangers names injected containers that may be a proxy of no known mesh:
// those that go on beside ours. What ended before is in nobody's path.
func (v *verification) strangers() {
	var names []string
	for _, p := range v.seen.Pods {
		for _, c := range p.Mesh.Containers {
			if (!c.Init || c.Native) && !slices.Contains(names, c.Name) {
				names = append(names, c.Name)
			}
		}
	}
	slices.Sort(names)
	if len(names) > 0 {
		v.doubt = v.doubt || v.seen.Role == v1alpha1.RoleMeshed
		v.say("pods carry containers that meshbench did not ask for: %s", strings.Join(names, ", "))
	}
}
