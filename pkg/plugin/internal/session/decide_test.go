package session

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/arms"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/gate"
	"github.com/meshbench/kubectl-meshbench/pkg/core/mesh"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/core/workload"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/runner"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

func named(t *testing.T, name string) v1alpha1.Experiment {
	t.Helper()
	e, err := experiment.Named(name)
	if err == nil {
		e, err = experiment.Resolve(e)
	}
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestExperimentsThatCannotShareARunAreRefused(t *testing.T) {
	one, two, search := named(t, "exp1"), named(t, "exp2"), named(t, "max-rate")
	bigger := two
	cores := v1alpha1.MustQuantity("3")
	bigger.Spec.Target.CPULimit = &cores
	baseline := named(t, "capacity")
	for name, c := range map[string]struct {
		request Request
		says    string
	}{
		"two that share": {Request{Experiments: []v1alpha1.Experiment{one, two}}, ""},
		"the same twice": {Request{Experiments: []v1alpha1.Experiment{one, one}}, "is given twice"},
		"other targets":  {Request{Experiments: []v1alpha1.Experiment{one, bigger}}, "want different targets"},
		"an objective for a search": {Request{Experiments: []v1alpha1.Experiment{search},
			Objectives: []gate.SLO{{}}}, "search.slo"},
		"an objective for no mesh": {Request{Experiments: []v1alpha1.Experiment{baseline},
			Objectives: []gate.SLO{{}}}, "--slo"},
		"an objective for one of them": {Request{Experiments: []v1alpha1.Experiment{search, one},
			Objectives: []gate.SLO{{}}}, ""},
	} {
		err := c.request.Validate()
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
		if invalid := new(InvalidError); err != nil && !errors.As(err, &invalid) {
			t.Errorf("%s: %T is no usage error", name, err)
		}
	}
}

func TestPodsOfArmsThatDoNotTakePartAreRefused(t *testing.T) {
	e := named(t, "exp1")
	e.Spec.Pods = &v1alpha1.Pods{Arms: map[string]v1alpha1.PodMarks{"mehsy": {}}}
	found := []v1alpha1.Arm{{Name: "plain"}, {Name: "meshy"}}
	r := Request{Experiments: []v1alpha1.Experiment{e}}
	if err := r.knows(found); err == nil || !strings.Contains(err.Error(), `"mehsy"`) ||
		!strings.Contains(err.Error(), "plain, meshy") {
		t.Errorf("a mistyped arm: %v", err)
	}
	r.Experiments[0].Spec.Pods = &v1alpha1.Pods{Arms: map[string]v1alpha1.PodMarks{"meshy": {}}}
	if err := r.knows(found); err != nil {
		t.Errorf("an arm that takes part: %v", err)
	}
}

// A journal is a file that others may have written: code and credentials must be
// those that the command asks for.
func TestAJournalDecidesNeitherImageNorSecrets(t *testing.T) {
	e := named(t, "exp1")
	e.Spec.Pods = &v1alpha1.Pods{ServiceAccountName: "runner", ImagePullSecrets: []string{"a", "b"}}
	in := plan.Input{RunID: "r1", Image: "worker:1", PullPolicy: "Always", Experiments: []v1alpha1.Experiment{e}}
	said := trustedOf(in)
	if want := []string{"--image", "worker:1", "--image-pull-policy", "Always", "--service-account", "runner",
		"--image-pull-secret", "a", "--image-pull-secret", "b"}; !slices.Equal(said.Args(), want) {
		t.Fatalf("the journal says %q, want %q", said.Args(), want)
	}
	if err := (Request{}).sameImage(in, said); err != nil {
		t.Errorf("what the journal says too is refused: %v", err)
	}
	for name, change := range map[string]func(*Trusted){
		"another image":   func(x *Trusted) { x.Image = "worker:2" },
		"another account": func(x *Trusted) { x.ServiceAccount = "" },
		"another secret":  func(x *Trusted) { x.PullSecrets = []string{"a"} },
		"another policy":  func(x *Trusted) { x.PullPolicy = "" },
	} {
		asked := trustedOf(in)
		change(&asked)
		if err := (Request{}).sameImage(in, asked); err == nil ||
			!strings.Contains(err.Error(), "--resume r1 --image worker:1") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestArmsOfAJournalMustBeThoseOfTheAnnotations(t *testing.T) {
	catalogue, err := mesh.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	all := []v1alpha1.Arm{{Name: "plain", Namespace: "plain", Role: v1alpha1.RoleBaseline},
		{Name: "meshy", Namespace: "meshy", Role: v1alpha1.RoleMeshed, Mesh: "istio-sidecar"}}
	known := meshes{catalogue: catalogue}
	in := plan.Input{Arms: all, Addressing: arms.Addressing(catalogue, all), Counters: arms.Counters(catalogue, all)}
	if err := sameArms(in, slices.Clone(all), known); err != nil {
		t.Errorf("the same arms: %v", err)
	}
	for name, change := range map[string]func(*v1alpha1.Arm){
		"another namespace": func(a *v1alpha1.Arm) { a.Namespace = "kube-system" },
		"another mesh":      func(a *v1alpha1.Arm) { a.Mesh = "linkerd" },
		"another role":      func(a *v1alpha1.Arm) { a.Role = v1alpha1.RoleControl },
		"another cluster":   func(a *v1alpha1.Arm) { a.Context = "prod" },
		"another name":      func(a *v1alpha1.Arm) { a.Name = "x" },
	} {
		found := slices.Clone(all)
		change(&found[1])
		if err := sameArms(in, found, known); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if err := sameArms(in, all[:1], known); err == nil || !strings.Contains(err.Error(), "2 arms") {
		t.Errorf("an arm less: %v", err)
	}
	in.Addressing = nil
	if err := sameArms(in, all, known); err == nil || !strings.Contains(err.Error(), "this release knows") {
		t.Errorf("another way to address a mesh: %v", err)
	}
}

// A trial whose requests went around the mesh is void, and the others count.
func TestATrialThatWentAroundTheMeshIsVoid(t *testing.T) {
	catalogue, err := mesh.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	injected := &v1alpha1.PodMesh{Containers: []v1alpha1.MeshContainer{{Name: "istio-proxy"}}}
	r, _ := fixture.Report(fixture.Options{Edit: func(x *v1alpha1.Trial) {
		if x.Arm == "meshy" {
			x.Pods[0].Mesh = injected
		}
		for i := range x.ProxyCounts {
			// Long enough for a rate at which counters decide.
			if x.ProxyCounts[i].Seconds = 20; x.Round == 3 {
				none := int64(0)
				x.ProxyCounts[i].Counted, x.ProxyCounts[i].MutualTLS = &none, nil
			}
		}
	}})
	r.Arms[1].Target.Mesh = injected
	known := meshes{catalogue: catalogue,
		observed: map[string]mesh.Observation{"meshy": {Told: "istio-sidecar", Role: v1alpha1.RoleMeshed}}}
	if err := known.examine(&r, []v1alpha1.Protocol{v1alpha1.ProtocolHTTP1}); err != nil {
		t.Fatal(err)
	}
	for _, x := range r.Trials {
		if want := x.Arm == "meshy" && x.Round == 3; x.OffPath != want || (x.Status == v1alpha1.TrialVoid) != want ||
			want && x.Reason == "" {
			t.Errorf("%s is %s, off the path %v: %q", x.ID, x.Status, x.OffPath, x.Reason)
		}
	}
}

type describing struct {
	Cluster
	node v1alpha1.Node
}

func (d describing) Node(context.Context, string) v1alpha1.Node { return d.node }

// What a worker saw of its node counts; the API server adds what no pod can see.
func TestAReportHoldsTheNodesOfEachCluster(t *testing.T) {
	stored := v1alpha1.Node{Name: "n", Kernel: "stored", CPUs: 2, Zone: "z", Kubelet: "v1", MemoryBytes: 5}
	begun := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	rate := v1alpha1.Rate(5)
	a := assembly{
		plan: plan.Plan{Run: workload.Run{ID: "r1", Image: "w:1"}, Seed: 7},
		outcome: runner.Outcome{
			Arms: []v1alpha1.Arm{{Name: "plain", Target: &v1alpha1.Pod{Node: "a"}},
				{Name: "meshy", Context: "prod", Target: &v1alpha1.Pod{Node: "b"}}},
			Nodes:   map[runner.NodeKey]v1alpha1.Node{{Name: "a"}: {Name: "a", Kernel: "seen", CPUs: 8, MemoryBytes: 16}},
			Planned: make([]plan.Trial, 3), Trials: []v1alpha1.Trial{{Rate: &rate}, {}},
		},
		facts: v1alpha1.Cluster{Context: "staging"}, elsewhere: []v1alpha1.Cluster{{Context: "prod"}},
		in:      func(string) (Cluster, error) { return describing{node: stored}, nil },
		version: "v1", begun: begun, ended: begun.Add(time.Minute),
	}
	r := assemble(t.Context(), a)
	if r.Run.ID != "r1" || r.Run.Seed != 7 || r.Run.PlannedTrials != 4 ||
		r.Run.FinishedAt.Sub(r.Run.StartedAt) != time.Minute {
		t.Errorf("the run is %+v", r.Run)
	}
	own, other := r.Cluster.Nodes, r.OtherClusters[0].Nodes
	if len(own) != 1 || own[0].Kernel != "seen" || own[0].CPUs != 8 || own[0].Zone != "z" || own[0].Kubelet != "v1" {
		t.Errorf("nodes of the run's cluster: %+v", own)
	}
	if len(other) != 1 || other[0].Name != "b" || other[0].Kernel != "stored" || other[0].CPUs != 2 {
		t.Errorf("nodes of the other cluster: %+v", other)
	}
}
