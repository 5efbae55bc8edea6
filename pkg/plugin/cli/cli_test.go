package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/arms"
	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/cluster"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/preflight"
)

func TestExitCodes(t *testing.T) {
	interrupted := &interruptedError{signal: syscall.SIGTERM}
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{errors.New("boom"), 1},
		{&preflight.ForbiddenError{}, 1},
		{usagef("no"), 2},
		{fmt.Errorf("wrapped: %w", &arms.UnusableError{}), 2},
		{&breachedError{}, 3},
		{&inconclusiveError{}, 4},
		{&uncleanedError{err: errors.New("boom")}, 5},
		{&interruptedError{signal: syscall.SIGINT}, 130},
		{interrupted, 143},
		{errors.Join(interrupted, errors.New("and")), 143},
		{errors.Join(&uncleanedError{err: errors.New("boom")}, interrupted), 5},
	} {
		if got := exitCode(c.err); got != c.want {
			t.Errorf("exit code of %v is %d, want %d", c.err, got, c.want)
		}
	}
}

func TestTheVerdictDecidesTheExitCode(t *testing.T) {
	of := func(results ...v1alpha1.VerdictResult) v1alpha1.Report {
		r := v1alpha1.Report{Comparisons: []v1alpha1.Comparison{{Pairs: 4, Conclusion: v1alpha1.ConclusionNone}}}
		for _, x := range results {
			r.Verdicts = append(r.Verdicts, v1alpha1.Verdict{Result: x})
		}
		return r
	}
	const pass, fail, unknown = v1alpha1.VerdictPass, v1alpha1.VerdictFail, v1alpha1.VerdictInconclusive
	for _, c := range []struct {
		report v1alpha1.Report
		want   int
	}{{of(), 0}, {of(pass), 0}, {of(pass, unknown), 4}, {of(unknown, fail), 3}, {v1alpha1.Report{}, 4}} {
		if got := exitCode(verdict(c.report)); got != c.want {
			t.Errorf("exit code of %+v is %d, want %d", c.report.Verdicts, got, c.want)
		}
	}
}

// invoke runs the command line against a fake cluster that can be read.
func invoke(t *testing.T, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	ns := func(name, role string) *corev1.Namespace {
		return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name,
			Annotations: map[string]string{v1alpha1.AnnotationRole: role}}}
	}
	var out, log bytes.Buffer
	a := newApp("v1.2.3", genericiooptions.IOStreams{In: strings.NewReader(stdin), Out: &out, ErrOut: &log})
	a.connect = func() (*cluster.Client, error) {
		return cluster.NewFor(fake.NewClientset(ns("plain", "baseline"), ns("meshy", "meshed")), "test"), nil
	}
	a.args = args
	command := newRoot(a)
	command.SetArgs(args)
	err := command.ExecuteContext(t.Context())
	if err != nil {
		fmt.Fprintf(&log, "error: %v\n", err)
	}
	return out.String(), log.String(), exitCode(err)
}

func TestUsageErrorsSayWhatToDoAndCreateNothing(t *testing.T) {
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"exp7"}, `unknown command "exp7"`},
		{[]string{"exp7", "--rounds", "3"}, `unknown command "exp7"`},
		{[]string{"exp1", "too", "much"}, "unknown command"},
		{[]string{"exp1", "--round", "3"}, "unknown flag: --round"},
		{[]string{"exp1", "--rounds", "0"}, "--rounds is 0"},
		{[]string{"exp1", "--precision", "0.05"}, "such as 5%"},
		{[]string{"exp1", "--precision", "300%"}, "spec.schedule.precision"},
		{[]string{"exp1", "--precision", "5%", "--rounds", "4"}, "6 decide"},
		{[]string{"exp1", "--profile", "slow"}, "spec.schedule.profile"},
		{[]string{"exp1", "--dry-run=server"}, "--dry-run"},
		{[]string{"exp1", "--rate", "fast"}, `rate "fast"`},
		{[]string{"exp1", "--clients", "33"}, "spec.factors.clients"},
		{[]string{"run"}, "no experiment"},
		{[]string{"run", "exp1", "exp1"}, "given twice"},
		{[]string{"run", "-f", "/nowhere.yaml"}, "/nowhere.yaml"},
		{[]string{"run", "-f", "-"}, "standard input"},
		{[]string{"exp1", "--baseline", "plain", "--meshed", "meshy", "--slo", "p98 < 1ms"}, "p98"},
		{[]string{"exp1", "--resources", "some"}, "want auto, all or none"},
		{[]string{"exp1", "--idle", "-1s"}, "--idle is -1s"},
		{[]string{"exp1", "--prometheus-url", "prometheus:9090"}, "no http or https address"},
		{[]string{"exp1", "--prometheus-service", "prometheus"}, "NAMESPACE/NAME:PORT"},
		{[]string{"exp1", "--prometheus-service", "a/b:1", "--prometheus-url", "http://c"}, "not both"},
		{[]string{"run", "--resume", "no-such-run"}, "no run no-such-run"},
		{[]string{"run", "exp1", "--resume", "r1"}, "give no experiments"},
		{[]string{"exp1", "--baseline", "Plain", "--meshed", "meshy"}, `"Plain" is no namespace`},
		{[]string{"exp1", "--baseline", "plain", "--meshed", "meshy@"}, "names no context"},
		{[]string{"check", "exp7"}, "exp7"},
		{[]string{"check", "-o", "xml"}, "want one of table, short, json"},
		{[]string{"check", "--meshed", "@x"}, "--meshed"},
		{[]string{"init"}, "name a mesh with --mesh: one of aws-app-mesh, "},
		{[]string{"init", "--mesh", "istoi"}, "istio-sidecar, kmesh"},
		{[]string{"init", "--mesh", "aspen-mesh"}, "Aspen Mesh appears in the survey only"},
		{[]string{"init", "--mesh", "kuma", "--names", "one"}, "want 2"},
		{[]string{"init", "--mesh", "kuma", "--prefix", "Upper"}, "no name for a namespace"},
		{[]string{"init", "--mesh", "kuma", "--dry-run", "server"}, "goes with --apply"},
		{[]string{"init", "--mesh", "kuma", "--mark", "a=b"}, "no label or annotation that enrols"},
		{[]string{"init", "--mesh", "open-service-mesh", "--apply"}, "openservicemesh.io/monitored-by"},
		{[]string{"report"}, "usage: kubectl meshbench report RUN|FILE"},
		{[]string{"list", "exp7"}, "exp7"},
		{[]string{"list", "-o", "xml"}, "xml"},
	} {
		stdout, stderr, code := invoke(t, "kind: Pod", c.args...)
		if code != exitUsage || stdout != "" || !strings.Contains(stderr, c.says) {
			t.Errorf("%v: exit code %d, stdout %q, stderr %q; want 2, nothing, and %q", c.args, code, stdout, stderr, c.says)
		}
	}
}

func TestVersionAndImagesNameTheRelease(t *testing.T) {
	for _, command := range []string{"version", "images"} {
		if out, _, code := invoke(t, "", command); code != exitOK || !strings.Contains(out, "meshbench-worker:v1.2.3") {
			t.Errorf("%s: exit code %d, %q", command, code, out)
		}
	}
}

func TestListPrintsDocumentsThatRunAgain(t *testing.T) {
	document, _, code := invoke(t, "", "list", "exp1", "-o", "yaml")
	if code != exitOK || !strings.Contains(document, "kind: Experiment") {
		t.Fatalf("exit code %d, document %q", code, document)
	}
	a := newApp("v1.2.3", genericiooptions.IOStreams{In: strings.NewReader(document)})
	experiments, err := a.read(nil, []string{"-"})
	if err != nil || len(experiments) != 1 || experiments[0].Metadata.Name != "exp1" {
		t.Errorf("the printed document reads as %v, %v", experiments, err)
	}
	names, _, _ := invoke(t, "", "list", "-o", "name")
	if want := "capacity\nchain\nerrors\nexp1\nexp2\nexp3\nexp4\nmax-rate\nresilience\nrollout\n"; names != want {
		t.Errorf("names are %q, want %q", names, want)
	}
}

func TestFlagsChangeOnlyWhatTheySay(t *testing.T) {
	a := newApp("v1", genericiooptions.IOStreams{})
	experiments, err := a.read([]string{"exp1"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	f := &runFlags{}
	c := newRun(a)
	f.add(c.InheritedFlags(), "v1", "an/image:v1")
	f.set = c.InheritedFlags()
	if err := f.set.Parse([]string{"--connections", "8,16", "--warmup", "0s", "--rate", "max,100"}); err != nil {
		t.Fatal(err)
	}
	changed, err := f.apply(experiments[0])
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(changed.Spec.Factors.Connections, []int{8, 16}) ||
		!slices.Equal(changed.Spec.Factors.Rate, []v1alpha1.Rate{0, 100}) {
		t.Errorf("factors are %+v", changed.Spec.Factors)
	}
	if changed.Spec.Schedule.Warmup == nil || changed.Spec.Schedule.Warmup.Duration != 0 ||
		changed.Spec.Schedule.Rounds != 0 {
		t.Errorf("schedule is %+v, want a warm-up of 0 and rounds left to the profile", changed.Spec.Schedule)
	}
}

func TestRunsThatSpokeLatelyAreLeftAlone(t *testing.T) {
	now := time.Now()
	of := func(run string, age time.Duration) kube.Object {
		o := kube.Object{Kind: "configmap", Name: run, RunID: run}
		if age > 0 {
			o.AliveAt = now.Add(-age)
		}
		return o
	}
	objects := []kube.Object{of("alive", 0), of("alive", 10*time.Second), of("dead", 2*time.Minute), of("silent", 0)}
	if dead, _ := byLife([]kube.Object{{RunID: "tomorrow", AliveAt: now.Add(24 * time.Hour)}}, now, ""); len(dead) != 1 {
		t.Error("a mark of tomorrow is a sign of life")
	}
	dead, alive := byLife(objects, now, "")
	var names []string
	for _, o := range dead {
		names = append(names, o.RunID)
	}
	if !slices.Equal(names, []string{"dead", "silent"}) || !slices.Equal(alive, []string{"alive"}) {
		t.Errorf("dead %v, alive %v", names, alive)
	}
	if dead, _ := byLife(objects, now, "alive"); len(dead) != 4 {
		t.Errorf("the named run is not among %v", dead)
	}
}

func TestOutputFilesAppearWholeOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report.json")
	f := &outputFlags{wanted: []string{"json=" + path}, color: "auto"}
	out, err := f.open(os.Stdout)
	if err != nil {
		t.Fatal(err)
	}
	out.discard()
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("a run without a report left %v", left)
	}
	if out, err = f.open(os.Stdout); err != nil {
		t.Fatal(err)
	}
	report := v1alpha1.Report{APIVersion: v1alpha1.APIVersion, Kind: v1alpha1.KindReport}
	if err := out.write(os.Stdout, report); err != nil {
		t.Fatal(err)
	}
	out.discard()
	if data, err := os.ReadFile(path); err != nil || !bytes.Contains(data, []byte(v1alpha1.KindReport)) {
		t.Errorf("report file holds %q, %v", data, err)
	}
	for _, bad := range [][]string{{"json", "yaml"}, {"xml"}, {"json="}} {
		if _, err := (&outputFlags{wanted: bad, color: "auto"}).open(os.Stdout); exitCode(err) != exitUsage {
			t.Errorf("-o %v gives %v, want a usage error", bad, err)
		}
	}
}

func TestASecondSignalLeavesAtOnceAndNamesTheRun(t *testing.T) {
	var log bytes.Buffer
	a := newApp("v1", genericiooptions.IOStreams{ErrOut: &log})
	id := "run-1"
	a.began(id, nil)
	a.sayLeft()
	if !strings.Contains(log.String(), "kubectl meshbench cleanup --run run-1") {
		t.Errorf("it says %q", log.String())
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(&interruptedError{signal: os.Interrupt})
	if got := exitCode(interruption(ctx)); got != 130 {
		t.Errorf("exit code %d, want 130", got)
	}
}
