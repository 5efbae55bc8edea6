package mesh

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// pods looks for the data plane on the pods of both sides.
func (v *verdict) pods() {
	m := v.mesh
	if len(m.Pod.Proxies) == 0 && len(m.Pod.Marks) == 0 {
		v.say("%s leaves no trace on pods", m.Title)
		return
	}
	for _, side := range []struct {
		name          v1alpha1.Side
		word          string
		found, absent *bool
	}{{v1alpha1.SideClient, "load pods", &v.client, &v.clientAbsent},
		{v1alpha1.SideServer, "target pods", &v.server, &v.serverAbsent}} {
		total, with := 0, 0
		native := false
		for _, p := range v.seen.Pods {
			if p.Side != side.name {
				continue
			}
			total++
			if m.on(p.Mesh) {
				with++
				native = native ||
					slices.ContainsFunc(p.Mesh.Containers,
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
			v.say("no %s were seen", side.word)
		case with == total:
			*side.found = true
			v.say("%d of %d %s carry %s's %s", with, total, side.word, m.Title, what)
		case with == 0 && m.Architecture.PerPod():
			*side.absent = true
			v.say("none of %d %s carries %s's %s", total, side.word, m.Title, what)
		case with == 0:
			v.say("none of %d %s carries %s's %s, which may come late", total, side.word, m.Title, what)
		default:
			v.doubt = true
			v.say("only %d of %d %s carry %s's %s", with, total, side.word, m.Title, what)
		}
	}
	v.byPods = v.client && v.server
	v.bypassed()
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

// bypassed looks for annotations that lead the benchmark's own ports around
// the proxy.
func (v *verdict) bypassed() {
	for _, p := range v.seen.Pods {
		if p.Side != v1alpha1.SideServer {
			continue
		}
		for _, key := range v.mesh.Pod.BypassAnnotations {
			value, ok := p.Mesh.Annotations[key]
			if ok && leavesOut(value, v.seen.Ports) {
				v.doubt, v.server, v.byPods = true, false, false
				v.say("target pod has annotation %s=%s, which leads its port around the proxy", key, value)
			}
		}
	}
}

func leavesOut(value string, ports []int32) bool {
	for _, part := range strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' }) {
		var from, to int32
		if part == "*" || part == "true" {
			return true
		}
		n, err := fmt.Sscanf(part, "%d-%d", &from, &to)
		if n == 0 && err != nil {
			continue
		}
		if slices.ContainsFunc(ports, Ports{From: from, To: to}.Holds) {
			return true
		}
	}
	return false
}

// strangers names injected containers of no known mesh.
func (v *verdict) strangers() {
	if names := injected(v.seen.Pods); len(names) > 0 {
		v.doubt = true
		v.say("pods carry containers that meshbench did not ask for: %s", strings.Join(names, ", "))
	}
}

func injected(pods []SeenPod) []string {
	var names []string
	for _, p := range pods {
		for _, c := range p.Mesh.Containers {
			if !slices.Contains(names, c.Name) {
				names = append(names, c.Name)
			}
		}
	}
	slices.Sort(names)
	return names
}
