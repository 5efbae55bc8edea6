package preflight

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
	"github.com/meshbench/kubectl-meshbench/pkg/core/mesh"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
)

// site is a cluster in memory that is in order until a test breaks it.
type site struct {
	namespaces
	access
	down      error
	quotas    []corev1.ResourceQuota
	nodes     []corev1.Node
	pods      []corev1.Pod
	leftovers []kube.Object
	unread    error
	secrets   map[string]bool // by NAMESPACE/NAME
	installed mesh.Installed
	policies  []networkingv1.NetworkPolicy // of every namespace
	// admit changes or refuses a pod.
	admit func(*corev1.Pod) error
}

func (s *site) Facts(context.Context) (v1alpha1.Cluster, error) {
	return v1alpha1.Cluster{Context: "test", ServerVersion: "v1.34.4"}, s.down
}

func (s *site) DryRunPod(_ context.Context, o *corev1.Pod) (*corev1.Pod, error) {
	o = o.DeepCopy()
	return o, s.admit(o)
}

func (s *site) Quotas(context.Context, string) ([]corev1.ResourceQuota, error) {
	return s.quotas, s.unread
}
func (s *site) Nodes(context.Context) ([]corev1.Node, error)        { return s.nodes, s.unread }
func (s *site) ScheduledPods(context.Context) ([]corev1.Pod, error) { return s.pods, s.unread }
func (s *site) NetworkPolicies(_ context.Context, namespace string) ([]networkingv1.NetworkPolicy, error) {
	all := slices.Clone(s.policies)
	for i := range all {
		all[i].Namespace = namespace
	}
	return all, s.unread
}
func (s *site) Leftovers(_ context.Context, namespace, _ string) ([]kube.Object, error) {
	return slices.DeleteFunc(slices.Clone(s.leftovers), func(o kube.Object) bool { return o.Namespace != namespace }),
		nil
}
func (s *site) HasSecret(_ context.Context, namespace, name string) (bool, error) {
	return s.secrets[namespace+"/"+name], s.unread
}
func (s *site) Installed(context.Context, mesh.Catalogue) mesh.Installed { return s.installed }

func node(name, cpu string) corev1.Node {
	return corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{corev1.LabelOSStable: "linux"}},
		Status: corev1.NodeStatus{
			Allocatable: corev1.ResourceList{
				corev1.ResourceCPU: resource.MustParse(cpu), corev1.ResourceMemory: resource.MustParse("4Gi"),
				corev1.ResourcePods: resource.MustParse("110"),
			},
			Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}},
		}}
}

// inOrder is a baseline, and a namespace that Istio's webhook serves.
func inOrder() *site {
	meshed := ns("mesh", "meshed")
	meshed.Labels = map[string]string{"istio-injection": "enabled", labelEnforce: "restricted"}
	s := &site{
		namespaces: namespaces{ns("base", "baseline"), meshed}, access: access{},
		nodes: []corev1.Node{node("node-1", "4"), node("node-2", "4")},
	}
	s.admit = func(p *corev1.Pod) error {
		if p.Namespace == "mesh" {
			always := corev1.ContainerRestartPolicyAlways
			p.Spec.InitContainers = append(p.Spec.InitContainers, corev1.Container{Name: "istio-init"}, corev1.Container{
				Name: "istio-proxy", RestartPolicy: &always,
				Resources: requesting("100m"),
			})
		}
		return nil
	}
	return s
}

var now = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func inputFor(t *testing.T, s *site) Input { return inputOf(t, s, named(t, "exp1", nil)) }

// named is a built-in experiment, changed.
func named(t *testing.T, name string, edit func(*v1alpha1.Experiment)) v1alpha1.Experiment {
	t.Helper()
	e, err := experiment.Named(name)
	if err == nil {
		if edit != nil {
			edit(&e)
		}
		e, err = experiment.Resolve(e)
	}
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func inputOf(t *testing.T, s *site, experiments ...v1alpha1.Experiment) Input {
	t.Helper()
	meshes, err := mesh.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return Input{
		In:          func(string) (Cluster, error) { return s, nil },
		Experiments: experiments, Meshes: meshes, Now: now,
		Plan: func(_ context.Context, arms []v1alpha1.Arm) (plan.Plan, error) {
			return plan.Make(plan.Input{RunID: "r1", Seed: 1, Experiments: experiments, Arms: arms, Image: "worker:1",
				Now: now}), nil
		},
	}
}

func ask(t *testing.T, in Input) ([]Outcome, Tally) {
	t.Helper()
	var all []Outcome
	tally := Run(t.Context(), Checks(in), func(o Outcome) { all = append(all, o) })
	return all, tally
}

func TestAllIsWellWhereAllIsInOrder(t *testing.T) {
	outcomes, tally := ask(t, inputFor(t, inOrder()))
	for _, o := range outcomes {
		if o.Status != StatusPass {
			t.Errorf("%s %s/%s: %s (%s)", o.Status, headingOf(o.Check), o.Check.Description, o.Result.Evidence, o.Result.Fix)
		}
	}
	if tally.All() != len(outcomes) || tally.All() < 18 {
		t.Errorf("tally %+v of %d checks", tally, len(outcomes))
	}
}

// Each trouble is found by one check, with words that name it and its fix.
func TestEveryTroubleIsFoundWithItsFix(t *testing.T) {
	refuse := func(in, text string) func(*site) {
		return func(s *site) {
			before := s.admit
			s.admit = func(p *corev1.Pod) error {
				if p.Namespace == in {
					return errors.New(text)
				}
				return before(p)
			}
		}
	}
	bare := func(s *site) { s.admit = func(*corev1.Pod) error { return nil } }
	label := func(s *site, key, value string) {
		delete(s.namespaces[1].Labels, "istio-injection")
		if key != "" {
			s.namespaces[1].Labels[key] = value
		}
	}
	quota := func(hard string, scopes ...corev1.ResourceQuotaScope) func(*site) {
		return func(s *site) {
			s.quotas = []corev1.ResourceQuota{{
				ObjectMeta: metav1.ObjectMeta{Name: "small"}, Spec: corev1.ResourceQuotaSpec{Scopes: scopes},
				Status: corev1.ResourceQuotaStatus{
					Hard: corev1.ResourceList{corev1.ResourceRequestsCPU: resource.MustParse(hard)},
					Used: corev1.ResourceList{corev1.ResourceRequestsCPU: resource.MustParse("100m")},
				},
			}}
		}
	}
	const fail, warn, pass = StatusFail, StatusWarn, StatusPass
	tests := map[string]struct {
		edit     func(*site)
		category Category
		arm      string
		status   Status
		says     []string
	}{
		"unreachable": {func(s *site) { s.down = errors.New("connection refused") }, CategoryCluster, "", fail,
			[]string{"refused", "kubectl version"}},
		"no consent": {func(s *site) { s.namespaces = s.namespaces[:1] }, CategoryNamespaces, "", fail,
			[]string{"no namespace is meshed", "kubectl annotate namespace NAMESPACE meshbench.dev/role=meshed"}},
		"going away": {func(s *site) { s.namespaces[1].Terminating = true }, CategoryNamespaces, "mesh", fail,
			[]string{"being deleted"}},
		"permission": {func(s *site) { s.access["get pods/log in namespace mesh"] = true }, CategoryPermissions, "mesh",
			fail, []string{"get pods/log", "kind: Role"}},
		"discovery": {func(s *site) { s.access["list namespaces in the whole cluster"] = true }, CategoryPermissions, "",
			warn, []string{"--baseline", "discovery.yaml"}},
		"one of two": {func(s *site) { s.access["get nodes/proxy in the whole cluster"] = true }, CategoryPermissions, "",
			pass, nil},
		"policy": {refuse("base", `admission webhook "v.kyverno.io" denied the request: no`), CategoryAdmission, "base",
			fail, []string{"kyverno", "exempt namespace base"}},
		"dry run": {refuse("base", `admission webhook "x" does not support dry run`), CategoryAdmission, "base", warn,
			[]string{"check --deep"}},
		"webhook": {refuse("mesh", `Internal error occurred: failed calling webhook "x"`), CategoryAdmission, "mesh",
			fail, []string{"namespaceSelector"}},
		"limit range": {refuse("mesh", `pods "x" is forbidden: maximum cpu usage per Container is 1, but limit is 2`),
			CategoryAdmission, "mesh", fail, []string{"limit range of namespace mesh", "limit is 2"}},
		"privileged": {refuse("mesh",
			`pods "x" is forbidden: violates PodSecurity "restricted:latest": non-default capabilities (`+
				`container "istio-init" must not include "NET_ADMIN"), `+
				`unrestricted capabilities (containers "meshbench", "istio-init" must set x)`),
			CategoryAdmission, "mesh", fail, []string{"container istio-init was put", "CNI plugin", "enforce=privileged"}},
		"quota":       {quota("600m"), CategoryQuota, "mesh", fail, []string{"needs 700m, 500m of 600m left"}},
		"quota fits":  {quota("800m"), CategoryQuota, "mesh", pass, []string{"needs 700m, 700m of 800m left"}},
		"quota apart": {quota("1m", corev1.ResourceQuotaScopeBestEffort), CategoryQuota, "mesh", pass, []string{"no quota"}},
		"unread": {func(s *site) { s.unread = errors.New("forbidden") }, CategoryNodes, "", warn,
			[]string{"list nodes in the whole cluster", "check.yaml"}},
		"one node": {func(s *site) { s.nodes = s.nodes[:1] }, CategoryNodes, "", fail,
			[]string{"cross-node", "--placement same-node"}},
		"on demand": {func(s *site) {
			s.pods = []corev1.Pod{full("node-1"), full("node-2")}
			s.nodes[1].Labels["karpenter.sh/nodepool"] = "default"
		}, CategoryNodes, "", warn, []string{"node-2 has label karpenter.sh/nodepool", "--scale-up-timeout"}},
		"cordoned": {func(s *site) { s.nodes[0].Spec.Unschedulable = true }, CategoryNodes, "", fail,
			[]string{"node-2 has CPU 4"}},
		"full": {func(s *site) { s.pods = []corev1.Pod{full("node-1"), full("node-2")} }, CategoryNodes, "", fail,
			[]string{"node-1 has CPU 100m"}},
		"leftovers": {func(s *site) {
			s.leftovers = []kube.Object{{Kind: "pod", Namespace: "mesh", Name: "old", RunID: "r0"}}
		}, CategoryLeftovers, "mesh", warn, []string{"run r0 left pod/old", "cleanup --run r0 --namespaces mesh"}},
		"another run": {func(s *site) {
			s.leftovers = []kube.Object{{Kind: "configmap", Namespace: "mesh", RunID: "r0", AliveAt: now.Add(-time.Second)}}
		}, CategoryLeftovers, "mesh", warn, []string{"run r0 goes on"}},
		"fails open": {bare, CategoryMesh, "mesh", fail,
			[]string{"asks for Istio (sidecar)", "istio-injection=enabled", "without a proxy"}},
		"one side": {func(s *site) {
			before := s.admit
			s.admit = func(p *corev1.Pod) error {
				if p.Labels[v1alpha1.LabelTrial] != "" {
					return nil
				}
				return before(p)
			}
		}, CategoryMesh, "mesh", warn, []string{"only one side", "load pod does not"}},
		"not enrolled": {func(s *site) {
			bare(s)
			label(s, "", "")
			s.namespaces[1].Annotations[v1alpha1.AnnotationMesh] = "istio-ambient"
		}, CategoryMesh, "mesh", fail,
			[]string{"not enrolled", "kubectl label namespace mesh istio.io/dataplane-mode=ambient"}},
		"ambient": {func(s *site) {
			bare(s)
			label(s, "istio.io/dataplane-mode", "ambient")
		}, CategoryMesh, "mesh", pass, []string{"Istio (ambient)"}},
		"no mark": {func(s *site) {
			bare(s)
			label(s, "", "")
			s.namespaces[1].Annotations[v1alpha1.AnnotationMesh] = "cilium"
		}, CategoryMesh, "mesh", pass, []string{"Cilium"}},
		"opted out": {func(s *site) {
			bare(s)
			label(s, "istio-injection", "disabled")
			s.namespaces[1].Annotations[v1alpha1.AnnotationMesh] = "istio-sidecar"
		}, CategoryMesh, "mesh", fail, []string{"keeps Istio (sidecar) out", "istio-injection=enabled"}},
		"no such mesh": {func(s *site) { s.namespaces[1].Annotations[v1alpha1.AnnotationMesh] = "istoi" }, CategoryMesh,
			"mesh", fail, []string{`no mesh "istoi"`}},
		"unmeasurable": {func(s *site) {
			bare(s)
			label(s, "", "")
			s.namespaces[1].Annotations[v1alpha1.AnnotationMesh] = "easemesh"
		}, CategoryMesh, "mesh", fail, []string{"cannot be measured"}},
		"unknown": {func(s *site) { bare(s); label(s, "", "") }, CategoryMesh, "mesh", warn,
			[]string{"nothing was put into", "meshbench.dev/mesh=MESH"}},
		"baseline": {func(s *site) { s.namespaces[0].Labels = map[string]string{"istio.io/dataplane-mode": "ambient"} },
			CategoryMesh, "base", fail, []string{"enrols it in Istio (ambient)", "istio.io/dataplane-mode=none"}},
		"baseline's pods": {func(s *site) {
			s.admit = func(p *corev1.Pod) error {
				p.Spec.Containers = append(p.Spec.Containers, corev1.Container{Name: "linkerd-proxy"})
				return nil
			}
		}, CategoryMesh, "base", fail,
			[]string{"container linkerd-proxy", "annotate namespace base linkerd.io/inject=disabled"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := inOrder()
			test.edit(s)
			outcomes, tally := ask(t, inputFor(t, s))
			if (test.status == fail) != (tally.Failed > 0) {
				t.Errorf("%d checks failed", tally.Failed)
			}
			for _, o := range outcomes {
				text := o.Result.Evidence + "\n" + o.Result.Fix
				if o.Check.Category == test.category && o.Check.Arm == test.arm && o.Status == test.status &&
					!slices.ContainsFunc(test.says, func(part string) bool { return !strings.Contains(text, part) }) {
					return
				}
			}
			for _, o := range outcomes {
				t.Logf("%s %s %q: %s | %s", o.Status, o.Check.Category, o.Check.Arm, o.Result.Evidence, o.Result.Fix)
			}
			t.Errorf("no %s of %s, arm %q, says %q", test.status, test.category, test.arm, test.says)
		})
	}
}

// Pods that opt in by spec.pods join a mesh that has no sidecars, though their
// namespace is not enrolled; a baseline whose pods do is none.
func TestPodsThatOptInAreBelieved(t *testing.T) {
	s := inOrder()
	s.admit = func(*corev1.Pod) error { return nil }
	s.namespaces[1].Labels = nil
	s.namespaces[1].Annotations[v1alpha1.AnnotationMesh] = "istio-ambient"
	mode := v1alpha1.PodMarks{Labels: map[string]string{"istio.io/dataplane-mode": "ambient"}}
	for arm, want := range map[string]Status{"mesh": StatusPass, "base": StatusFail} {
		outcomes, _ := ask(t, inputOf(t, s, named(t, "exp1", func(e *v1alpha1.Experiment) {
			e.Spec.Pods = &v1alpha1.Pods{Arms: map[string]v1alpha1.PodMarks{arm: mode}}
		})))
		for _, o := range outcomes {
			if o.Check.Category == CategoryMesh && o.Check.Arm == arm && (o.Status != want ||
				!strings.Contains(o.Result.Evidence, "pod label istio.io/dataplane-mode=ambient")) {
				t.Errorf("arm %s: %s %s, want %s by the pod's label", arm, o.Status, o.Result.Evidence, want)
			}
		}
	}
}

// requesting asks for so much CPU.
func requesting(cpu string) corev1.ResourceRequirements {
	return corev1.ResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(cpu)}}
}

func full(on string) corev1.Pod {
	return corev1.Pod{Spec: corev1.PodSpec{NodeName: on, Containers: []corev1.Container{{
		Resources: requesting("3900m"),
	}}}}
}

func TestAnEndedContextAsksNothingMore(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	asked := 0
	c := Check{Ask: func(context.Context) Result { asked++; stop(); return broken("stopped", "") }}
	if tally := Run(ctx, []Check{c, c}, func(o Outcome) { t.Errorf("told %+v", o) }); asked != 1 || tally.All() != 0 {
		t.Errorf("asked %d times, tally %+v", asked, tally)
	}
}

// What a search will ask is not known, but its pods are.
func TestTheLoadPodsOfASearchAreLookedAt(t *testing.T) {
	s := inOrder()
	seen := map[string]int{}
	before := s.admit
	s.admit = func(p *corev1.Pod) error {
		seen[component(p)]++
		return before(p)
	}
	ask(t, inputOf(t, s, named(t, "max-rate", nil)))
	if seen[componentLoad] != 2 || seen["target"] != 2 {
		t.Errorf("%v pods were looked at, want 2 of each", seen)
	}
}

// Each experiment's load pods are counted by its own clients, in whatever order
// experiments take part in an arm.
func TestLoadPodsAreCountedByTheirOwnExperiment(t *testing.T) {
	clients := func(n int) func(*v1alpha1.Experiment) {
		return func(e *v1alpha1.Experiment) { e.Spec.Factors.Clients = v1alpha1.Values[int]{n} }
	}
	for name, test := range map[string]struct {
		experiments []v1alpha1.Experiment
		// want is the number of pods of the meshed arm: a target and its load pods.
		want int64
	}{
		"a baseline's experiment first": {[]v1alpha1.Experiment{named(t, "capacity", clients(8)),
			named(t, "exp1", clients(2))}, 3},
		"a search first": {[]v1alpha1.Experiment{named(t, "max-rate", clients(8)), named(t, "exp1", clients(2))}, 9},
	} {
		in := inputOf(t, inOrder(), test.experiments...)
		c := &checker{Input: in, accepted: map[string][]*corev1.Pod{}}
		if r := c.consent(t.Context()); r.Answer != Holds {
			t.Fatal(r.Evidence)
		}
		if r := c.planned(t.Context()); r.Answer != Holds {
			t.Fatal(r.Evidence)
		}
		need, err := c.needOf(c.arms[1])
		if got := need.target.Plus(need.load, 1).Pods; err != nil || got != test.want {
			t.Errorf("%s: %d pods, error %v; want %d", name, got, err, test.want)
		}
	}
}
