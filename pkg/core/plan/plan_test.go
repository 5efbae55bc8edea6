package plan

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
)

func input(t *testing.T, edit func(*v1alpha1.Experiment)) Input {
	t.Helper()
	e, err := experiment.Named("exp1")
	if err != nil {
		t.Fatal(err)
	}
	if edit != nil {
		edit(&e)
	}
	e, err = experiment.Resolve(e)
	if err != nil {
		t.Fatal(err)
	}
	return Input{
		RunID: "r1", Seed: 7, Experiments: []v1alpha1.Experiment{e}, Image: "worker:1",
		Arms: []v1alpha1.Arm{
			{Name: "base", Namespace: "ns-base", Role: v1alpha1.RoleBaseline},
			{Name: "mesh", Namespace: "ns-mesh", Role: v1alpha1.RoleMeshed},
		},
		Now: time.Unix(0, 0),
	}
}

func TestEveryRoundHoldsEveryArmAndLevelOnce(t *testing.T) {
	p := Make(input(t,
		func(e *v1alpha1.Experiment) { e.Spec.Factors.Rate = v1alpha1.Values[v1alpha1.Rate]{10, 100, 1000} }))
	seen := map[string]int{}
	for i, trial := range p.Trials {
		seen[trial.ID(1)]++
		if want := 1 + i/6; trial.Round != want {
			t.Errorf("trial %d is in round %d, want %d", i, trial.Round, want)
		}
		// the pair that is compared is adjacent
		if pair := i - i%2; p.Trials[pair].Level.ID != trial.Level.ID {
			t.Errorf("trial %d is at level %s, its neighbour at %s", i, trial.Level.ID, p.Trials[pair].Level.ID)
		}
	}
	if len(seen) != 6*3*2 || len(p.Trials) != len(seen) {
		t.Errorf("%d distinct trials of %d, want 36", len(seen), len(p.Trials))
	}
}

func TestSeedDecidesTheOrder(t *testing.T) {
	ids := func(seed int64) (out []string) {
		in := input(t, nil)
		in.Seed = seed
		for _, trial := range Make(in).Trials {
			out = append(out, trial.ID(1))
		}
		return out
	}
	if !reflect.DeepEqual(ids(1), ids(1)) {
		t.Error("one seed gives two orders")
	}
	differ := false
	for seed := range int64(8) {
		differ = differ || !reflect.DeepEqual(ids(1), ids(seed+2))
	}
	if !differ {
		t.Error("eight other seeds all give the same order")
	}
}

func TestObjectsStayInTheirNamespaceAndCarryTheRun(t *testing.T) {
	p := Make(input(t, func(e *v1alpha1.Experiment) { e.Spec.Factors.Clients = v1alpha1.Values[int]{3} }))
	objects, err := p.AllObjects()
	if err != nil {
		t.Fatal(err)
	}
	if want := 2*3 + len(p.Trials)*3; len(objects) != want {
		t.Errorf("%d objects, want %d", len(objects), want)
	}
	names := map[string]bool{}
	connections := 0
	for _, o := range objects {
		pod, ok := o.(*corev1.Pod)
		if !ok {
			continue
		}
		key := fmt.Sprintf("%s/%s", pod.Namespace, pod.Name)
		if names[key] {
			t.Errorf("two pods are called %s", key)
		}
		names[key] = true
		if pod.Labels[v1alpha1.LabelRunID] != "r1" || pod.Namespace == "" {
			t.Errorf("pod %s has labels %v", key, pod.Labels)
		}
		if len(pod.Name) > 63 {
			t.Errorf("pod name %s is longer than a host name can be", pod.Name)
		}
		connections++
	}
	if connections == 0 {
		t.Error("no pods")
	}
}

func TestExpectedDurationCountsEveryTrial(t *testing.T) {
	p := Make(input(t, nil))
	// 6 rounds x 2 arms x (30 s + 5 s warm-up + 2.5 s) + 10 s
	if want := 460 * time.Second; p.Duration() != want {
		t.Errorf("duration %s, want %s", p.Duration(), want)
	}
	if p.Remaining(len(p.Trials)) != 0 {
		t.Error("something remains after the last trial")
	}
	in := input(t, nil)
	in.Idle = 10 * time.Second
	idle := Make(in)
	longer := 10*time.Second + 5*7*time.Second // before the first round, and before five more
	if got := idle.Duration() - p.Duration(); got != longer {
		t.Errorf("idle windows of %s make the run %s longer, want %s", in.Idle, got, longer)
	}
	if got := idle.Run.Lifetime - p.Run.Lifetime; got != longer {
		t.Errorf("targets live %s longer for idle windows of %s, want %s", got, in.Idle, longer)
	}
	// Later windows may make a run no more than a tenth longer.
	if before := p.Duration() + in.Idle; float64(idle.Duration()) > 1.1*float64(before) {
		t.Errorf("a run of %s takes %s", before, idle.Duration())
	}
}

func TestOnlyTheArmsThatAreAskedForTakePart(t *testing.T) {
	p := Make(input(t, func(e *v1alpha1.Experiment) { e.Spec.Arms = v1alpha1.ArmsBaseline }))
	if len(p.Trials) != 6 {
		t.Errorf("%d trials, want one a round", len(p.Trials))
	}
	for _, trial := range p.Trials {
		if trial.Arm.Name != "base" {
			t.Errorf("trial %s", trial.ID(1))
		}
	}
}

func TestPinnedPodsNameTheirNode(t *testing.T) {
	p := Make(input(t, func(e *v1alpha1.Experiment) { e.Spec.Nodes = &v1alpha1.Nodes{Load: "node-l", Target: "node-t"} }))
	objects, err := p.AllObjects()
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range objects {
		pod, ok := o.(*corev1.Pod)
		if !ok {
			continue
		}
		want := "node-t"
		if pod.Labels[v1alpha1.LabelTrial] != "" {
			want = "node-l"
		}
		a := pod.Spec.Affinity
		if a == nil || a.NodeAffinity == nil ||
			a.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms[0].MatchFields[0].Values[0] != want {
			t.Errorf("pod %s has affinity %+v, want node %s", pod.Name, a, want)
		}
	}
}

func TestASearchIsPlannedStepByStep(t *testing.T) {
	p := Make(input(t, func(e *v1alpha1.Experiment) { e.Spec.Search = &v1alpha1.Search{SLO: "p99 < 20ms"} }))
	if len(p.Trials) != 0 || len(p.Searches) != 1 || len(p.Planned()) != 2 {
		t.Fatalf("%d trials, %d searches, %d planned; want 0, 1, 2", len(p.Trials), len(p.Searches), len(p.Planned()))
	}
	s := p.Searches[0]
	first, ok := s.Next(nil, 1, p.Arms[1])
	if !ok || !first.Level.Rate.ClosedLoop() || !first.Searched {
		t.Errorf("the first trial is %+v, want a closed loop", first)
	}
	if found, ok := s.Find(s.Trial(5, p.Arms[1], 99).ID(2), 2, 99); !ok || found.Round != 5 || found.Arm.Name != "mesh" ||
		found.Level.Rate != 99 {
		t.Errorf("found %+v, %v", found, ok)
	}
	if _, ok := s.Find("other/r1/default/mesh/1", 1, 99); ok {
		t.Error("a trial of another experiment is found")
	}
	// 13 trials an arm of 30 s + 5 s + 2.5 s, and 10 s.
	if want := 26*37500*time.Millisecond + 10*time.Second; p.Duration() != want || p.Total() != 26 ||
		p.Remaining(25) != 37500*time.Millisecond {
		t.Errorf("duration %s of %d trials, at the end %s; want %s, 26, 37.5s", p.Duration(), p.Total(), p.Remaining(25),
			want)
	}
	orders := map[string]bool{}
	for step := range 20 {
		orders[s.Order(step + 1)[0].Name] = true
		if again := s.Order(step + 1); again[0].Name != s.Order(step + 1)[0].Name {
			t.Error("a step has two orders")
		}
	}
	if len(orders) != 2 {
		t.Error("one arm always goes first")
	}
}

// Whatever an experiment may ask for, its pods get a deadline that Kubernetes
// takes: 1 second to 2^31 - 1.
func TestTheLongestRunHasADeadline(t *testing.T) {
	e, err := experiment.Named("exp1")
	if err != nil {
		t.Fatal(err)
	}
	repeats := 10
	e.Spec.Schedule = v1alpha1.Schedule{Rounds: 1000, Duration: v1alpha1.Duration{Duration: 24 * time.Hour},
		Repeats: &repeats}
	for rate := range 99 {
		e.Spec.Factors.Rate = append(e.Spec.Factors.Rate, v1alpha1.Rate(1+rate))
	}
	if e, err = experiment.Resolve(e); err != nil {
		return // refused
	}
	in := input(t, nil)
	in.Experiments = []v1alpha1.Experiment{e}
	if seconds := Make(in).Run.Lifetime.Seconds(); seconds < 1 || seconds > 1<<31-1 {
		t.Errorf("pods have %.0f seconds", seconds)
	}
}

// The control is the baseline a second time, with all that its pods carry.
func TestTheControlHasThePodsOfTheBaseline(t *testing.T) {
	in := input(t, func(e *v1alpha1.Experiment) {
		e.Spec.Pods = &v1alpha1.Pods{Arms: map[string]v1alpha1.PodMarks{"base": {Labels: map[string]string{"only": "here"}}}}
	})
	again := in.Arms[0]
	again.Name, again.Role = "base-again", v1alpha1.RoleControl
	in.Arms = append(in.Arms, again)
	p := Make(in)
	for i, want := range []string{"here", "", "here"} {
		if got := p.Objects[i].Targets[0].Labels["only"]; got != want {
			t.Errorf("the target of %s has label %q, want %q", p.Arms[i].Name, got, want)
		}
	}
}
