//go:build e2e

package e2e

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// running is a plugin process and the id of its run.
type running struct {
	*exec.Cmd
	stdout *bytes.Buffer
	log    chan string
}

// start starts the plugin on two namespaces and waits until a load pod runs in
// one of them, whichever comes first.
func (s suite) start(baseline, meshed string, args ...string) (*running, corev1.Pod) {
	s.t.Helper()
	c := s.command("", append(args, "--baseline", baseline, "--meshed", meshed, "--image", s.WorkerImage)...)
	r := &running{Cmd: c, stdout: &bytes.Buffer{}, log: make(chan string, 1)}
	c.Stdout = r.stdout
	pipe, err := c.StderrPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() {
		var all strings.Builder
		for lines := bufio.NewScanner(pipe); lines.Scan(); {
			all.WriteString(lines.Text() + "\n")
		}
		r.log <- all.String()
	}()
	var load corev1.Pod
	err = s.Await(s.t.Context(), "a load pod runs", func(ctx context.Context) (bool, error) {
		for _, namespace := range []string{baseline, meshed} {
			pods, err := s.Clientset.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{LabelSelector: v1alpha1.LabelTrial})
			if err != nil {
				return false, err
			}
			for _, p := range pods.Items {
				if p.Status.Phase == corev1.PodRunning && p.DeletionTimestamp == nil {
					load = p
					return true, nil
				}
			}
		}
		return false, nil
	})
	if err != nil {
		_ = c.Process.Kill()
		s.t.Fatalf("%v\n%s", err, <-r.log)
	}
	return r, load
}

// end waits for the process, and returns its log and exit code.
func (r *running) end() result {
	log := <-r.log
	_ = r.Wait() // the exit code tells
	return result{stdout: r.stdout.String(), stderr: log, code: r.ProcessState.ExitCode()}
}

func TestInterruptionLeavesNothing(t *testing.T) {
	for _, c := range []struct {
		signal syscall.Signal
		code   int
	}{{syscall.SIGINT, 130}, {syscall.SIGTERM, 143}} {
		t.Run(c.signal.String(), func(t *testing.T) {
			s := newSuite(t)
			baseline, meshed := s.pair(nil)
			plugin, _ := s.start(baseline, meshed, "exp1", "--duration", "60s", "--warmup", "0s")
			if err := plugin.Process.Signal(c.signal); err != nil {
				t.Fatal(err)
			}
			plugin.end().wantCode(t, c.code).wantError(t, "cleaned up")
			s.wantNothingLeft(baseline, meshed)
		})
	}
}

func TestALoadPodThatIsDeletedIsRepeatedAndReported(t *testing.T) {
	s := newSuite(t)
	baseline, meshed := s.pair(nil)
	plugin, load := s.start(baseline, meshed, "exp1", "--duration", "5s", "--warmup", "0s",
		"--rounds", "1", "--connections", "2", "-o", "json")
	if err := s.Clientset.CoreV1().Pods(load.Namespace).Delete(t.Context(), load.Name,
		metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	report := plugin.end().wantCode(t, 0).report(t)
	void, completed := 0, 0
	for _, trial := range report.Trials {
		switch {
		case trial.Status == v1alpha1.TrialVoid && trial.Attempt == 1 && trial.Reason != "":
			void++
		case trial.Status == v1alpha1.TrialCompleted:
			completed++
		}
	}
	if void != 1 || completed != 2 || !hasFinding(report, "trial-repeated") {
		t.Errorf("%d void and %d completed trials, findings %+v; want 1, 2, and trial-repeated", void, completed,
			report.Findings)
	}
	s.wantNothingLeft(baseline, meshed)
}

// A run whose plugin is killed goes on with what is missing: the same trials
// as if nothing had happened, and the one under way is harvested from its log.
func TestAKilledRunIsResumed(t *testing.T) {
	s := newSuite(t)
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	baseline, meshed := s.pair(nil)
	plugin, load := s.start(baseline, meshed, "exp1", "--duration", "4s", "--warmup", "0s", "--rounds", "4",
		"--connections", "2", "--seed", "3")
	id := load.Labels[v1alpha1.LabelRunID]
	err := s.Await(t.Context(), "a trial is in the journal", func(context.Context) (bool, error) {
		out := s.run("runs").wantCode(t, 0).stdout
		return strings.Contains(out, id) && !strings.Contains(out, "0/8"), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s.run("run", "--resume", id).wantCode(t, 1).wantError(t, "still goes on")
	if err := plugin.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	plugin.end()
	report := s.run("run", "--resume", id, "-o", "json").wantCode(t, 0).report(t)
	seen := map[string]int{}
	for _, trial := range report.Trials {
		if trial.Status != v1alpha1.TrialCompleted {
			t.Errorf("trial %s is %s: %s", trial.ID, trial.Status, trial.Reason)
		}
		seen[trial.ID]++
	}
	if len(seen) != 8 || len(report.Trials) != 8 || report.Run.ID != id || report.Run.Seed != 3 {
		t.Errorf("run %s, seed %d has trials %v; want 8 different ones of run %s, seed 3", report.Run.ID, report.Run.Seed,
			seen, id)
	}
	if again := s.run("report", id, "-o", "json").wantCode(t, 0).report(t); len(again.Trials) != 8 {
		t.Errorf("the kept report has %d trials", len(again.Trials))
	}
	s.run("report", id, "--slo", "rps > 1").wantCode(t, 0)
	s.run("report", id, "--slo", "p99 < 1ns").wantCode(t, 3).wantError(t, "objective broken")
	s.run("compare", id, id).wantCode(t, 0)
	s.run("compare", "--gate", id, id).wantCode(t, 4)
	s.run("run", "--resume", id).wantCode(t, 2).wantError(t, "went to its end")
	s.wantNothingLeft(baseline, meshed)
}

// The API server dies in the middle of a trial and comes back. The trial goes
// on meanwhile, and nothing of it is lost.
func TestTheAPIServerMayGoAndComeBack(t *testing.T) {
	s := newSuite(t)
	if s.Fault == nil {
		t.Skip("this cluster's API server is not ours to stop")
	}
	baseline, meshed := s.pair(nil)
	plugin, _ := s.start(baseline, meshed, "exp1", "--duration", "8s", "--warmup", "0s", "--rounds", "1", "--connections",
		"2", "-o", "json")
	if err := s.Fault(t.Context(), "restart-apiserver"); err != nil {
		t.Fatal(err)
	}
	report := plugin.end().wantCode(t, 0).report(t)
	for _, trial := range report.Trials {
		if trial.Status != v1alpha1.TrialCompleted || trial.Attempt != 1 {
			t.Errorf("trial %s is %s: %s", trial.ID, trial.Status, trial.Reason)
		}
	}
	if len(report.Trials) != 2 {
		t.Errorf("%d trials, want 2", len(report.Trials))
	}
	s.wantNothingLeft(baseline, meshed)
}

func TestCleanupRemovesWhatACrashedRunLeft(t *testing.T) {
	s := newSuite(t)
	baseline, meshed := s.pair(nil)
	plugin, load := s.start(baseline, meshed, "exp1", "--duration", "60s")
	if err := plugin.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	plugin.end()
	id := load.Labels[v1alpha1.LabelRunID]
	s.run("cleanup").wantCode(t, 0).wantError(t, "run "+id+" still goes on")
	if got := s.run("cleanup", "--run", id, "--dry-run").wantCode(t, 0); !strings.Contains(got.stdout,
		"would remove pod/"+load.Name) {
		t.Errorf("the dry run does not name pod %s:\n%s", load.Name, got.stdout)
	}
	// A second tenant labels what is his as if it were the run's.
	labelled := metav1.ObjectMeta{Name: "meshbench-" + id + "-owner", Labels: load.Labels}
	core := s.Clientset.CoreV1()
	if _, err := core.Services(baseline).Create(t.Context(), &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: "checkout", Labels: load.Labels},
		Spec:       corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 80}}}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := core.ConfigMaps(meshed).Create(t.Context(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{
		Name: labelled.Name + "-of-another", Labels: labelled.Labels}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	s.run("cleanup", "--run", id, "--dry-run=server").wantCode(t, 0)
	s.run("cleanup", "--run", id).wantCode(t, 0).wantError(t, "checkout in "+baseline+": labelled, but not ours",
		labelled.Name+"-of-another in "+meshed+": labelled, but not ours")
	if _, err := core.Services(baseline).Get(t.Context(), "checkout", metav1.GetOptions{}); err != nil {
		t.Errorf("cleanup took a Service of others: %v", err)
	}
	if _, err := core.ConfigMaps(meshed).Get(t.Context(), labelled.Name+"-of-another", metav1.GetOptions{}); err != nil {
		t.Errorf("cleanup took a ConfigMap of others: %v", err)
	}
	if _, err := core.Pods(load.Namespace).Get(t.Context(), load.Name, metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("the run's own pod %s stayed: %v", load.Name, err)
	}
}

func TestAnUnreachableAPIServer(t *testing.T) {
	s := newSuite(t)
	file := s.tempFile("kubeconfig")
	nowhere := "apiVersion: v1\nkind: Config\nclusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}]\n" +
		"contexts: [{name: x, context: {cluster: c}}]\ncurrent-context: x\n"
	if err := os.WriteFile(file, []byte(nowhere), 0o600); err != nil {
		t.Fatal(err)
	}
	s.runAs(file, "exp1").wantCode(t, 1).wantError(t, "reach the API server", "127.0.0.1:1")
}
