package cli

import (
	"os"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/cluster"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/session"
)

// planned is the plan of a command line, by a cluster with one namespace each.
func planned(t *testing.T, names []string, args ...string) plan.Plan {
	t.Helper()
	namespace := func(name, role string) *corev1.Namespace {
		return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name,
			Annotations: map[string]string{v1alpha1.AnnotationRole: role}}}
	}
	client := cluster.NewFor(fake.NewClientset(namespace("plain", "baseline"), namespace("meshy", "meshed")), "test")
	a := newApp("v1", genericiooptions.IOStreams{})
	f := &runFlags{}
	f.add(newRun(a).InheritedFlags(), "v1", "an/image:v1")
	if err := f.set.Parse(args); err != nil {
		t.Fatal(err)
	}
	documents, err := a.read(names, nil)
	if err != nil {
		t.Fatal(err)
	}
	experiments, err := resolve(f, documents)
	if err != nil {
		t.Fatal(err)
	}
	choice, err := parseChoice(f.baseline, f.meshed)
	if err != nil {
		t.Fatal(err)
	}
	session, err := session.New(t.Context(), session.Connect(client, "test", nil),
		session.Request{Experiments: experiments, Choice: choice})
	if err != nil {
		t.Fatal(err)
	}
	return session.Plan()
}

func TestFlagsWinOverSet(t *testing.T) {
	p := planned(t, []string{"exp1"}, "--set", "schedule.rounds=3", "--set", "factors.connections=7", "--rounds", "2")
	if len(p.Trials) != 4 || p.Trials[0].Level.Connections != 7 {
		t.Errorf("%d trials at %d connections, want 4 at 7", len(p.Trials), p.Trials[0].Level.Connections)
	}
}

func TestWhatCannotBeSetIsAUsageError(t *testing.T) {
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"exp1", "--set", "factors.rat=3"}, "did you mean spec.factors.rate?"},
		{[]string{"exp1", "--set", "factors.rate"}, "there is no ="},
		{[]string{"exp1", "--set", "factors.connections=0"}, "spec.factors.connections: 0 is not between"},
		{[]string{"exp1", "--load-node", "a", "--target-node", "a", "--placement", "cross-node"}, "both pinned to a"},
		{[]string{"run", "exp1", "exp2", "--set", "metadata.name=same"}, "given twice"},
		{[]string{"run", "exp1", "capacity", "--target-node", "n", "--inconclusive", "maybe"}, "--inconclusive"},
		{[]string{"max-rate", "--rate", "100"}, "a search chooses the rates"},
		{[]string{"max-rate", "--slo", "p99 < 1s", "--slo", "p50 < 1s"}, "give it once"},
		{[]string{"capacity", "--slo", "p99 < 1s"}, "nothing would be held to it"},
	} {
		stdout, stderr, code := invoke(t, "", c.args...)
		if code != exitUsage || stdout != "" || !strings.Contains(stderr, c.says) {
			t.Errorf("%v: exit code %d, stderr %q; want 2 and %q", c.args, code, stderr, c.says)
		}
	}
}

// Experiments of the baseline leave meshed namespaces alone, and need none.
func TestCapacityIsPlannedForTheBaselineAlone(t *testing.T) {
	for _, named := range [][]string{nil, {"--baseline", "plain"}} {
		p := planned(t, []string{"capacity"}, append(named, "--rounds", "1")...)
		if len(p.Trials) != 4 || len(p.Arms) != 1 || p.Arms[0].Name != "plain" {
			t.Errorf("%v: %d trials, arms %v; want 4, plain", named, len(p.Trials), p.Arms)
		}
	}
	if p := planned(t, []string{"capacity", "exp1"}, "--rounds", "1"); len(p.Trials) != 6 || len(p.Arms) != 2 {
		t.Errorf("with exp1 there are %d trials in %d arms, want 6 in 2", len(p.Trials), len(p.Arms))
	}
}

func TestADryRunShowsWhatIsKnownOfASearch(t *testing.T) {
	var out strings.Builder
	if err := printSummary(&out, "summary", planned(t, []string{"max-rate"})); err != nil ||
		strings.Count(out.String(), "max-rate/r1/") != 2 {
		t.Errorf("%v\n%s", err, out.String())
	}
}

func TestWhatIsUndecidedMayPass(t *testing.T) {
	var log strings.Builder
	f := inconclusiveFlag{value: inconclusivePass}
	if err := f.allow(&log, &inconclusiveError{"undecided"}); err != nil || !strings.Contains(log.String(), "undecided") {
		t.Errorf("%v, %q; want no error, and the reason", err, log.String())
	}
	if err := f.allow(&log, &breachedError{"broken"}); exitCode(err) != exitBreached {
		t.Errorf("a broken objective gives %v", err)
	}
	f.value = inconclusiveFail
	if err := f.allow(&log, &inconclusiveError{"undecided"}); exitCode(err) != exitInconclusive {
		t.Errorf("undecided gives %v", err)
	}
}

func TestWhatNeedsNoComparisonIsNoFailure(t *testing.T) {
	r := v1alpha1.Report{Experiments: []v1alpha1.Experiment{{Spec: v1alpha1.ExperimentSpec{Arms: v1alpha1.ArmsBaseline}}}}
	if err := verdict(r); err != nil {
		t.Errorf("the baseline alone gives %v", err)
	}
	r.Experiments[0].Spec.Arms = v1alpha1.ArmsAll
	if err := verdict(r); exitCode(err) != exitInconclusive {
		t.Errorf("nothing to compare gives %v", err)
	}
	r.Searches = []v1alpha1.SearchResult{{Ratio: &v1alpha1.Estimate{Value: 0.5}}}
	if err := verdict(r); err != nil {
		t.Errorf("a search that found its ratio gives %v", err)
	}
}

// One table of exit codes: in help, in the README, and as the last line.
func TestExitCodesAreDocumented(t *testing.T) {
	readme, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	help, _, _ := invoke(t, "", "--help")
	for _, m := range exitMeanings() {
		if line := "| " + m.code + " | " + m.text + " |"; !strings.Contains(string(readme), line) {
			t.Errorf("the README lacks %q", line)
		}
		if text := strings.ReplaceAll(m.text, "`", ""); !strings.Contains(help, text) {
			t.Errorf("the help lacks %q", text)
		}
	}
	for _, code := range []int{exitOperational, exitUsage, exitBreached, exitInconclusive, exitUncleaned, 130, 143} {
		if got := exitReason(code); !strings.Contains(got, ": ") {
			t.Errorf("exit code %d says %q", code, got)
		}
	}
}

func TestRunsForMachines(t *testing.T) {
	if stdout, _, code := invoke(t, "", "runs", "-o", "json"); code != exitOK || stdout != "[]\n" {
		t.Errorf("exit code %d, %q", code, stdout)
	}
	if stdout, _, code := invoke(t, "", "runs", "-o", "name"); code != exitOK || stdout != "" {
		t.Errorf("exit code %d, %q", code, stdout)
	}
	if _, _, code := invoke(t, "", "runs", "-o", "xml"); code != exitUsage {
		t.Errorf("exit code %d, want 2", code)
	}
	if _, _, code := invoke(t, "", "runs", "delete", "nothing"); code != exitUsage {
		t.Errorf("exit code %d, want 2", code)
	}
}

func TestPodFlagsAddToTheDocument(t *testing.T) {
	p := planned(t, []string{"exp1"}, "--set", "pods.labels={a: b}", "--pod-label", "team=x",
		"--pod-label", "meshy:sidecar.istio.io/inject=true", "--pod-annotation", "note=a=b: c, d",
		"--toleration", "dedicated=mesh:NoSchedule", "--toleration", "spot", "--node-selector", "pool=bench",
		"--image-pull-secret", "r", "--service-account", "sa", "--priority-class", "batch")
	for i, target := range []*corev1.Pod{p.Objects[0].Targets[0], p.Objects[1].Targets[0]} {
		if target.Labels["a"] != "b" || target.Labels["team"] != "x" || target.Annotations["note"] != "a=b: c, d" ||
			(target.Labels["sidecar.istio.io/inject"] == "true") != (p.Arms[i].Name == "meshy") {
			t.Errorf("%s: labels %v, annotations %v", target.Name, target.Labels, target.Annotations)
		}
		s := target.Spec
		if len(s.Tolerations) != 2 || s.Tolerations[0].Operator != "Equal" || s.Tolerations[1].Operator != "Exists" ||
			s.NodeSelector["pool"] != "bench" || len(s.ImagePullSecrets) != 1 || s.ServiceAccountName != "sa" ||
			s.PriorityClassName != "batch" {
			t.Errorf("%s: %+v", target.Name, s)
		}
	}
	for _, c := range [][]string{
		{"--pod-label", "team"}, {"--pod-label", "meshbench.dev/run-id=x"}, {"--toleration", ":NoSchedule"},
	} {
		if _, stderr, code := invoke(t, "", append([]string{"exp1"}, c...)...); code != exitUsage {
			t.Errorf("%v: exit code %d, %s", c, code, stderr)
		}
	}
}

// A search looks for the objective that was asked for.
func TestASearchTakesItsObjectiveFromTheFlag(t *testing.T) {
	a := newApp("v1.2.3", genericiooptions.IOStreams{})
	f := &runFlags{}
	f.add(newRun(a).InheritedFlags(), "v1.2.3", "an/image:v1")
	if err := f.set.Parse([]string{"--slo", "p99 < 50ms"}); err != nil {
		t.Fatal(err)
	}
	documents, err := a.read([]string{"max-rate"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := a.request(f, documents)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Experiments[0].Spec.Search.SLO; got != "p99 < 50ms" || len(r.Objectives) != 0 {
		t.Errorf("the search looks for %q, beside %v", got, r.Objectives)
	}
}
