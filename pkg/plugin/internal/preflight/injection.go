package preflight

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/arms"
	"github.com/meshbench/kubectl-meshbench/pkg/core/mesh"
	"github.com/meshbench/kubectl-meshbench/pkg/core/workload"
)

// notInjected holds if a baseline asks for no mesh, and its pods come back from
// admission as they were.
func (c *checker) notInjected(ctx context.Context, in Cluster, arm v1alpha1.Arm) Result {
	ns, err := in.Namespace(ctx, arm.Namespace)
	if err != nil {
		return unknown(err.Error(), "")
	}
	meta := mesh.Meta{Labels: ns.Labels, Annotations: ns.Annotations}
	for _, m := range c.Meshes.All() {
		if intent, marks := m.Enrol.Of(meta, c.marksOf(arm)); intent == mesh.IntentEnrolled {
			return broken(fmt.Sprintf("%s, which enrols it in %s", strings.Join(marks, ", "), m.Title),
				"take it off, or use another namespace"+c.optOut(m, arm))
		}
	}
	pods := c.accepted[arm.Name]
	if len(pods) == 0 {
		return unknown("the namespace asks for no mesh; no pod came back from admission", "")
	}
	for _, pod := range pods {
		if a := additionsTo(pod); a.runs() || len(a.init) > 0 {
			fix := fmt.Sprintf("turn that injection off in namespace %s, or use another namespace", arms.PlaceOf(arm))
			for _, m := range c.Meshes.All() {
				if slices.ContainsFunc(m.Pod.Proxies, a.has) {
					fix += c.optOut(m, arm)
				}
			}
			return broken(fmt.Sprintf("the %s pod came back with %s: a baseline with a proxy is none", component(pod), a), fix)
		}
	}
	return holds("the namespace asks for no mesh, and the dry-run pods came back without any container but ours")
}

// marksOf are those that the experiments give to an arm's pods.
func (c *checker) marksOf(arm v1alpha1.Arm) mesh.Meta {
	if len(c.Experiments) == 0 {
		return mesh.Meta{}
	}
	marks := c.Experiments[0].Spec.Pods.Marks(arm.Name)
	return mesh.Meta{Labels: marks.Labels, Annotations: marks.Annotations}
}

// optOut is the command that keeps a mesh out of an arm's namespace.
func (c *checker) optOut(m mesh.Mesh, arm v1alpha1.Arm) string {
	if len(m.Enrol.OptOutNamespace) == 0 {
		return ""
	}
	return fmt.Sprintf("; %s stays out with\n%s", m.Title, c.markLines(m.Enrol.OptOutNamespace[0], arm))
}

// markLines are the commands that put marks on an arm's namespace.
func (c *checker) markLines(marks mesh.Marks, arm v1alpha1.Arm) string {
	one := marks.Concrete(func(string) string { return "VALUE" })
	var lines []string
	add := func(verb string, values map[string]string, keys []string) {
		for _, key := range keys {
			if value, ok := values[key]; ok {
				lines = append(lines, "  "+c.mark(verb, arm, key, value))
			}
		}
	}
	add("label", one.Labels, one.Keys())
	add("annotate", one.Annotations, one.Keys())
	return strings.Join(slices.Compact(lines), "\n")
}

// injected holds what admission made of a meshed arm's pods against what its
// namespace asks for.
func (c *checker) injected(ctx context.Context, in Cluster, arm v1alpha1.Arm) Result {
	ns, err := in.Namespace(ctx, arm.Namespace)
	if err != nil {
		return unknown(err.Error(), "")
	}
	o := mesh.Observation{Told: arm.Mesh, Role: arm.Role, Asked: c.marksOf(arm),
		Namespace: mesh.Meta{Labels: ns.Labels, Annotations: ns.Annotations}}
	o.Installed = in.Installed(ctx, c.Meshes)
	var bare []string // pods without a proxy
	for _, pod := range c.accepted[arm.Name] {
		seen := mesh.SeenPod{Side: v1alpha1.SideServer, Name: pod.Name, Mesh: *c.Meshes.Observe(pod, workload.ContainerName)}
		if component(pod) == componentLoad {
			seen.Side = v1alpha1.SideClient
		}
		o.Pods = append(o.Pods, seen)
		if !additionsTo(pod).runs() {
			bare = append(bare, component(pod))
		}
	}
	found, err := c.Meshes.Detect(o)
	if err != nil {
		return broken(fmt.Sprintf("annotation %s: %v", v1alpha1.AnnotationMesh, err),
			"name one of them\n  "+c.mark("annotate", arm, v1alpha1.AnnotationMesh, "MESH"))
	}
	evidence := strings.Join(found.Evidence, "; ")
	m, err := c.Meshes.Get(found.Mesh)
	switch {
	case len(found.Candidates) > 1:
		return unknown("it may be any of "+strings.Join(found.Candidates, ", ")+": "+evidence,
			"say which it is\n  "+c.mark("annotate", arm, v1alpha1.AnnotationMesh, found.Candidates[0]))
	case err != nil:
		return c.unrecognised(arm, bare, evidence)
	case m.Support == mesh.SupportDetect:
		return broken(fmt.Sprintf("%s cannot be measured: %s", m.Title, m.Address.Impossible), "")
	default:
		c.withoutSidecars[arm.Name] = !m.Architecture.PerPod()
		c.tunnels[arm.Name] = m.Address.TunnelPort
		return c.joins(m, arm, o, bare, evidence)
	}
}

// unrecognised is a meshed arm of no mesh in the catalogue.
func (c *checker) unrecognised(arm v1alpha1.Arm, bare []string, evidence string) Result {
	pods := c.accepted[arm.Name]
	fix := fmt.Sprintf("say which mesh it is, one of %s\n  %s",
		strings.Join(c.Meshes.IDs(), ", "), c.mark("annotate", arm, v1alpha1.AnnotationMesh, "MESH"))
	if len(pods) == 0 {
		return unknown("no pod came back from admission; "+evidence, fix)
	}
	if len(bare) == len(pods) {
		return unknown("nothing was put into the dry-run pods, and "+evidence, fix)
	}
	return unknown(fmt.Sprintf("the dry-run pods came back with %s, of no mesh that is known here", additionsTo(pods[0])),
		fix)
}

// joins judges an arm whose mesh is known.
func (c *checker) joins(m mesh.Mesh, arm v1alpha1.Arm, o mesh.Observation, bare []string, evidence string) Result {
	intent, marks := m.Enrol.Of(o.Namespace, o.Asked)
	switch {
	case intent == mesh.IntentOptedOut:
		return broken(fmt.Sprintf("%s, which keeps %s out", strings.Join(marks, ", "), m.Title), c.enrolFix(m, arm))
	case !m.Architecture.PerPod() && intent == mesh.IntentNone && len(m.Enrol.Namespace) > 0 && !m.Enrol.WithoutMarks:
		return broken(fmt.Sprintf("it is said to be %s, but the namespace is not enrolled", m.Title), c.enrolFix(m, arm))
	case !m.Architecture.PerPod():
		return holds("%s: %s", m.Called(), evidence)
	case len(o.Pods) == 0:
		return unknown("no pod came back from admission; "+evidence, "")
	case len(bare) == 0:
		return holds("%s: %s", m.Called(), evidence)
	case len(bare) < len(o.Pods):
		return unknown(fmt.Sprintf("%s: only one side gets a proxy, the %s pod does not: %s", m.Title, bare[0], evidence),
			"unless that is what you want to measure, see which pods the webhook selects with\n  "+
				c.Say.Kubectl(arm.Context, "get", "mutatingwebhookconfigurations", "-o", "yaml"))
	case intent == mesh.IntentNone && len(m.Enrol.Namespace) > 0:
		return broken(fmt.Sprintf("it is said to be %s, but the namespace is not enrolled and no proxy was put into the "+
			"dry-run pods", m.Title), c.enrolFix(m, arm))
	default:
		return broken(fmt.Sprintf("the namespace asks for %s, but the dry-run pods came back without a proxy: %s", m.Title,
			evidence),
			fmt.Sprintf("the webhook is missing, does not select namespace %s, or lets pods through when it does not answer: "+
				"see\n  %s", arm.Namespace,
				c.Say.Kubectl(arm.Context, "get", "mutatingwebhookconfigurations")))
	}
}

func (c *checker) enrolFix(m mesh.Mesh, arm v1alpha1.Arm) string {
	fix := "enrol it as that mesh wants it"
	if len(m.Enrol.Namespace) > 0 {
		fix += "\n" + c.markLines(m.Enrol.Namespace[0], arm)
	}
	if m.Enrol.How != "" {
		fix += "\n" + m.Enrol.How
	}
	return fix
}

// mark is the command that puts a mark on an arm's namespace.
func (c *checker) mark(verb string, arm v1alpha1.Arm, key, value string) string {
	return c.Say.Kubectl(arm.Context, verb, "namespace", arm.Namespace, key+"="+value, "--overwrite")
}
