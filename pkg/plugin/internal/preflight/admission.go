package preflight

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
	"github.com/meshbench/kubectl-meshbench/pkg/core/workload"
)

// labelEnforce holds the Pod Security level that a namespace enforces.
const labelEnforce = "pod-security.kubernetes.io/enforce"

// admitted sends the pods of an arm through the whole of admission. What comes
// back is kept for the checks of injection and of quota.
func (c *checker) admitted(ctx context.Context, in Cluster, arm v1alpha1.Arm) Result {
	pods, err := c.podsOf(arm)
	if err != nil {
		return broken(err.Error(), "")
	}
	if len(pods) == 0 {
		return unknown("there is no plan to try", "")
	}
	for _, pod := range pods {
		back, err := in.DryRunPod(ctx, owned(pod))
		if err != nil {
			return c.refusal(arm, err)
		}
		c.accepted[arm.Name] = append(c.accepted[arm.Name], back)
		if refused := refusedByKubelet(back); len(refused) > 0 {
			return broken(fmt.Sprintf("the %s pod passes admission, and the kubelet will refuse to start what was "+
				"put into it: %s",
				component(back), strings.Join(refused, "; ")),
				"let the injector set runAsNonRoot: false on that container, or use the mesh's CNI plugin in its place; "+
					"a policy that sets runAsNonRoot on pods may have to exempt it")
		}
	}
	if c.callsService() {
		return holds("a dry run of %s passes all of admission", count(len(pods), "load pod"))
	}
	return holds("a dry run of the target and of %s passes all of admission", count(len(pods)-1, "load pod"))
}

// owned is a pod as a run makes it: policies may refuse pods without an owner.
// The owner of a dry run is none that is stored.
func owned(pod *corev1.Pod) *corev1.Pod {
	pod = pod.DeepCopy()
	workload.OwnedBy(&pod.ObjectMeta, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: pod.Name, UID: "dry-run"}})
	return pod
}

// refusal reads an API server's no.
func (c *checker) refusal(arm v1alpha1.Arm, err error) Result {
	text := err.Error()
	says := func(part string) bool { return strings.Contains(text, part) }
	switch {
	case says("does not support dry run"):
		return unknown(text, "a run will show; try it with\n  "+c.Say.Plugin("", "check", "--deep"))
	case says("violates PodSecurity"):
		if foreign := foreignContainers(text); len(foreign) > 0 {
			return broken(text,
				fmt.Sprintf("%s was put into our pod, which alone complies with \"restricted\": install the mesh's CNI plugin, "+
					"so that it needs no privileged init container, or enforce a lower level with\n  %s",
					strings.Join(foreign, ", "), c.mark("label", arm, labelEnforce, "privileged")))
		}
		return broken(text,
			fmt.Sprintf("our pods comply with \"restricted\", so something changed them on their way: see which webhooks "+
				"act on namespace %s with\n  %s", arm.Namespace,
				c.Say.Kubectl(arm.Context, "get", "mutatingwebhookconfigurations")))
	default:
		return broken(text, kube.RefusalAdvice(text, arm.Namespace))
	}
}

// foreignContainers are the containers that a Pod Security refusal names and
// that are not ours.
func foreignContainers(text string) []string {
	var names []string
	seen := map[string]bool{workload.ContainerName: true}
	for _, lead := range []string{"container \"", "containers \""} {
		for rest := text; ; {
			_, after, found := strings.Cut(rest, lead)
			if !found {
				break
			}
			// `containers "a", "b" must not ...` is one list.
			list, _, _ := strings.Cut(after, " must")
			for _, quoted := range strings.Split(`"`+list, ",") {
				name := strings.Trim(strings.TrimSpace(quoted), `"`)
				if !seen[name] && !strings.ContainsAny(name, " =\"") {
					seen[name] = true
					names = append(names, "container "+name)
				}
			}
			rest = after
		}
	}
	return names
}

// addition is what somebody else put into a pod of ours.
type addition struct {
	containers []string
	// sidecars are init containers that go on beside the others, and init those
	// that end before them.
	sidecars, init []string
}

func additionsTo(pod *corev1.Pod) addition {
	var a addition
	for _, c := range pod.Spec.Containers {
		if c.Name != workload.ContainerName {
			a.containers = append(a.containers, c.Name)
		}
	}
	for _, c := range pod.Spec.InitContainers {
		if kube.IsSidecar(c) {
			a.sidecars = append(a.sidecars, c.Name)
		} else {
			a.init = append(a.init, c.Name)
		}
	}
	return a
}

// has reports whether a container of that name goes on beside the worker.
func (a addition) has(name string) bool {
	return slices.Contains(a.containers, name) || slices.Contains(a.sidecars, name)
}

// runs reports whether anything foreign runs beside the worker.
func (a addition) runs() bool { return len(a.containers)+len(a.sidecars) > 0 }

func (a addition) String() string {
	var parts []string
	add := func(what string, names []string) {
		if len(names) > 0 {
			parts = append(parts, what+" "+strings.Join(names, ", "))
		}
	}
	add("container", a.containers)
	add("native sidecar", a.sidecars)
	add("init container", a.init)
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, "; ")
}

const componentLoad = "load"

// component says which of our pods one is.
func component(pod *corev1.Pod) string {
	if pod.Labels[v1alpha1.LabelTrial] != "" {
		return componentLoad
	}
	return "target"
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
