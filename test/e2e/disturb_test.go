//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"math"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/test/beside"
)

// besideVariable makes this test binary the client that runs beside a run: where to, and
// where it writes what it saw.
const besideVariable = "MESHBENCH_E2E_BESIDE"

// It is no test: TestDisturbance runs it in the network of a node.
func TestBeside(t *testing.T) {
	address, file, found := strings.Cut(os.Getenv(besideVariable), ",")
	if !found {
		t.Skip("is run by TestDisturbance")
	}
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute)
	defer stop()
	go func() { // until whoever began it closes our standard input
		_, _ = os.Stdin.Read(make([]byte, 1))
		stop()
	}()
	data, err := json.Marshal(beside.Run(ctx, address, besideRate, besideConnections))
	if err == nil {
		err = os.WriteFile(file, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

const besideRate, besideConnections = 200, 16

// besideNode begins a client of the test's own in the network of a node, by its name. The function
// that it returns ends it, and tells what it saw.
func (s suite) besideNode(space, address string) func() beside.Seen {
	file := s.tempFile("seen.json")
	client := exec.Command("ip", "netns", "exec", space, os.Args[0], "-test.run", "^TestBeside$")
	client.Env = append(os.Environ(), besideVariable+"="+address+","+file)
	in, err := client.StdinPipe()
	if err == nil {
		err = client.Start()
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return func() (seen beside.Seen) {
		_ = in.Close()
		if err := client.Wait(); err != nil {
			s.t.Errorf("the client beside: %v", err)
		}
		data, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(data, &seen)
		}
		if err != nil {
			s.t.Fatal(err)
		}
		return seen
	}
}

// spaceOf is the name of a node's network. Clusters of other suites may have nodes of
// that name too.
func (s suite) spaceOf(node string) string {
	s.t.Helper()
	cluster := filepath.Base(filepath.Dir(s.Kubeconfig))
	spaces, err := filepath.Glob("/run/netns/*." + cluster + "." + node)
	if err != nil || len(spaces) != 1 {
		s.t.Skipf("the network of node %s cannot be entered from here: %v, %v", node, spaces, err)
	}
	return filepath.Base(spaces[0])
}

// serviceOf waits for the Service of a run's targets.
func (s suite) serviceOf(ctx context.Context, namespace string) (address string, err error) {
	err = s.Await(ctx, "a Service of targets in "+namespace, func(ctx context.Context) (bool, error) {
		all, err := s.Clientset.CoreV1().Services(namespace).List(ctx, metav1.ListOptions{
			LabelSelector: v1alpha1.LabelRunID + ",app.kubernetes.io/component=target"})
		if err != nil || len(all.Items) == 0 {
			return false, err
		}
		for _, p := range all.Items[0].Spec.Ports {
			if p.Port == 8080 {
				address = net.JoinHostPort(all.Items[0].Spec.ClusterIP, "8080")
			}
		}
		return address != "", nil
	})
	return address, err
}

// One of three targets is killed in both arms. What the report says of failures and of
// the longest time without an answer is what a client of the test's own saw that ran
// beside, through the same Service and in the same window.
func TestDisturbance(t *testing.T) {
	s := newSuite(t)
	baseline, meshed := s.pair(nil)
	nodes, err := s.Clientset.CoreV1().Nodes().List(t.Context(), metav1.ListOptions{})
	if err != nil || len(nodes.Items) == 0 {
		t.Fatal(err)
	}
	space := s.spaceOf(nodes.Items[0].Name)
	type running struct{ end func() beside.Seen }
	clients := map[string]running{}
	table := s.tempFile("table.txt")
	begun := make(chan struct{})
	go func() {
		defer close(begun)
		for _, namespace := range []string{baseline, meshed} {
			if address, err := s.serviceOf(t.Context(), namespace); err == nil {
				clients[namespace] = running{s.besideNode(space, address)}
			}
		}
	}()
	r := s.run("run", "resilience", "--baseline", baseline, "--meshed", meshed, "--rate", "200", "--connections", "16",
		"--rounds", "1", "--duration", "10s", "--warmup", "1s", "--set", "disturbance.at=4s", "--idle", "0s", "--seed", "3",
		"--inconclusive", "pass", "-o", "json", "-o", "table="+table).wantCode(t, 0).report(t)
	s.show(table)
	<-begun
	for _, trial := range r.Trials {
		if trial.Status != v1alpha1.TrialCompleted {
			t.Logf("trial %s is void: %s", trial.ID, trial.Reason) // this machine has two processors
			continue
		}
		client, ok := clients[namespaceOf(r, trial.Arm)]
		if !ok {
			t.Fatalf("no client ran beside trial %s", trial.ID)
		}
		seen := client.end().Within(trial.Window.StartedAt, trial.Window.EndedAt)
		d, c := trial.Disturbed, trial.Load.Continuity
		if d == nil || c == nil || len(d.Steps) != 2 {
			t.Fatalf("trial %s: disturbed %+v, continuity %+v, reason %q", trial.ID, d, c, trial.Reason)
		}
		killed := d.Steps[0]
		gap, held := metricOf(t, r, trial, v1alpha1.MetricLongestGap), metricOf(t, r, trial, v1alpha1.MetricHeld)
		failed, failing := metricOf(t, r, trial, v1alpha1.MetricFailed), metricOf(t, r, trial, v1alpha1.MetricFailingTime)
		// What this machine made the two clients wait is no one's outage.
		slack := 0.020 + seen.Late.Seconds() + lagOf(trial)
		t.Logf("%s: killed %s at %.3f s, gone %.3f s, its successor ready %.3f s; longest gap %.4f s, beside %.4f s (late "+
			"by %.4f and %.4f s); failed %g, the last %.3f s after it, beside %d of %d, %.3f s; held %g", trial.Arm, killed.Pod,
			killed.AskedSeconds, seconds(killed.GoneSeconds), seconds(d.Steps[1].ReadySeconds), gap,
			seen.LongestGap.Seconds(), lagOf(trial), seen.Late.Seconds(), failed, failing, seen.Failed, seen.All,
			seen.LastFailure.Seconds()-4, held)
		if killed.Ordinal != 2 || killed.Made || !strings.HasSuffix(killed.Pod, "-target-2") || !d.Steps[1].Made ||
			killed.AskedSeconds < 3.9 || killed.AskedSeconds > 4.25 {
			t.Errorf("%s: the steps are %+v", trial.Arm, d.Steps)
		}
		if off := math.Abs(gap - seen.LongestGap.Seconds()); off > slack {
			t.Errorf("%s: the longest gap is %.4f s, and beside it was %.4f s", trial.Arm, gap, seen.LongestGap.Seconds())
		}
		// Connections are shared out by chance: a third of them, more or less, met the target.
		if off := math.Abs(failed - float64(seen.Failed)); off > besideConnections {
			t.Errorf("%s: %v requests failed, and beside %d", trial.Arm, failed, seen.Failed)
		}
		if seen.All < 1900 {
			t.Errorf("%s: beside it %d requests were sent", trial.Arm, seen.All)
		}
		delete(clients, namespaceOf(r, trial.Arm))
	}
	if len(clients) > 0 {
		t.Errorf("%d arms have no trial with a result", len(clients))
	}
	for _, f := range r.Findings {
		if f.Severity == v1alpha1.SeverityVoid || f.Code == "target-replaced" || f.Code == "overloaded" ||
			f.Code == "errors" {
			t.Errorf("finding %+v", f)
		}
	}
	if !hasFinding(r, "few-events") || !hasFinding(r, "disturbance") {
		t.Errorf("findings %+v", r.Findings)
	}
	s.wantNothingLeft(baseline, meshed)
}

func seconds(v *float64) float64 {
	if v == nil {
		return math.NaN()
	}
	return *v
}

// lagOf is how late the load pod sent a request at most.
func lagOf(t v1alpha1.Trial) float64 {
	if t.Load.SendLag == nil {
		return 0
	}
	return t.Load.SendLag.MaxSeconds
}

func metricOf(t *testing.T, r v1alpha1.Report, trial v1alpha1.Trial, m v1alpha1.Metric) float64 {
	t.Helper()
	for _, c := range r.Cells {
		for _, v := range c.Values {
			if c.Address == trial.Cell() && v.Metric == m && v.Value != nil {
				return *v.Value
			}
		}
	}
	t.Errorf("%s has no %s", trial.Arm, m)
	return math.NaN()
}

// A rollout of all targets, and more and fewer of them, under load: nothing fails, and
// afterwards there are as many as before.
func TestRolloutAndScaling(t *testing.T) {
	s := newSuite(t)
	baseline, meshed := s.pair(nil)
	common := []string{"--baseline", baseline, "--meshed", meshed, "--rate", "100", "--connections", "8", "--rounds", "1",
		"--warmup", "500ms", "--idle", "0s", "--inconclusive", "pass", "-o", "json"}
	for name, c := range map[string]struct {
		args  []string
		steps int
	}{
		"rollout": {[]string{"--set", "factors.replicas=2", "--set", "disturbance.at=2s", "--set",
			"disturbance.drainDelay=2s",
			"--duration", "14s"}, 4},
		"up": {[]string{"--set", "factors.replicas=1", "--set",
			"disturbance={kind: scale-targets, at: 2s, replicas: 2, drainDelay: 2s}", "--duration", "6s"}, 1},
		"down": {[]string{"--set", "factors.replicas=2", "--set",
			"disturbance={kind: scale-targets, at: 2s, replicas: 1, drainDelay: 2s}", "--duration", "6s"}, 1},
	} {
		r := s.run(append(append([]string{"run", "rollout"}, common...), c.args...)...).wantCode(t, 0).report(t)
		for _, trial := range r.Trials {
			if trial.Status != v1alpha1.TrialCompleted && trial.Attempt < 3 {
				t.Logf("%s: trial %s is void: %s", name, trial.ID, trial.Reason)
				continue
			}
			if trial.Status != v1alpha1.TrialCompleted || trial.Disturbed == nil || len(trial.Disturbed.Steps) != c.steps {
				t.Fatalf("%s, trial %s: %s %s, disturbed %+v", name, trial.ID, trial.Status, trial.Reason, trial.Disturbed)
			}
			t.Logf("%s, %s: %d of %d failed %v; %+v", name, trial.Arm, trial.Load.Failed(), trial.Load.Requests,
				trial.Load.Errors, trial.Disturbed.Steps)
			if trial.Load.Failed() > 0 {
				t.Errorf("%s, %s: %d requests failed: %+v", name, trial.Arm, trial.Load.Failed(), trial.Load.Errors)
			}
		}
		if hasFinding(r, "target-replaced") {
			t.Errorf("%s: findings %+v", name, r.Findings)
		}
		s.wantNothingLeft(baseline, meshed)
	}
}
