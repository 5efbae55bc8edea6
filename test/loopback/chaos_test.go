package loopback_test

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"regexp"
	"syscall"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshbench/kubectl-meshbench/test/loopback"
)

var (
	chaosRuns = flag.Int("chaos.runs", 6, "how many runs are disturbed")
	chaosSeed = flag.Uint64("chaos.seed", 1, "what chooses the disturbances")
)

// blow is one disturbance of a run.
type blow struct {
	name string
	// kills is set if the plugin is gone afterwards.
	kills bool
	do    func(l *lab, plugin *exec.Cmd, random *rand.Rand)
}

func blows() []blow {
	fault := func(x loopback.Fault) func(*lab, *exec.Cmd, *rand.Rand) {
		return func(l *lab, _ *exec.Cmd, random *rand.Rand) {
			x.Path, x.Lasts = "/api", metav1.Duration{Duration: short(random)}
			l.server.Inject(x)
		}
	}
	signal := func(s syscall.Signal) func(*lab, *exec.Cmd, *rand.Rand) {
		return func(_ *lab, plugin *exec.Cmd, _ *rand.Rand) { _ = plugin.Process.Signal(s) }
	}
	return []blow{
		{name: "the plugin is killed", kills: true, do: signal(syscall.SIGKILL)},
		{name: "the plugin is interrupted", kills: true, do: signal(syscall.SIGINT)},
		{name: "a load pod's worker is killed",
			do: func(l *lab, _ *exec.Cmd, _ *rand.Rand) { l.server.KillOne(true) }},
		{name: "a target's worker is killed",
			do: func(l *lab, _ *exec.Cmd, _ *rand.Rand) { l.server.KillOne(false) }},
		{name: "somebody deletes a pod", do: func(l *lab, _ *exec.Cmd, random *rand.Rand) {
			if pods := l.server.Objects("pods"); len(pods) > 0 {
				pod := pods[random.IntN(len(pods))]
				l.server.Delete("pods", pod.GetNamespace(), pod.GetName())
			}
		}},
		{name: "a gateway before the API server fails", do: fault(loopback.Fault{Code: 502, ContentType: "text/html",
			Body: "<html>502 Bad Gateway</html>"})},
		{name: "a token expires", do: fault(loopback.Fault{Code: 401, Body: "Unauthorized"})},
		{name: "connections are cut", do: fault(loopback.Fault{})},
		{name: "the API server is killed",
			do: func(l *lab, _ *exec.Cmd, random *rand.Rand) { l.server.Crash(short(random)) }},
		{name: "the plugin is killed while there is no API server", kills: true,
			do: func(l *lab, plugin *exec.Cmd, random *rand.Rand) {
				l.server.Crash(short(random))
				_ = plugin.Process.Kill()
			}},
		{name: "a kubelet is killed", do: func(l *lab, _ *exec.Cmd, random *rand.Rand) {
			l.server.CrashKubelet(anyNode(random), false, short(random))
		}},
		{name: "a node restarts", do: func(l *lab, _ *exec.Cmd, random *rand.Rand) {
			l.server.CrashKubelet(anyNode(random), true, short(random))
		}},
		{name: "the plugin is killed while a kubelet is gone", kills: true,
			do: func(l *lab, plugin *exec.Cmd, random *rand.Rand) {
				l.server.CrashKubelet(anyNode(random), false, short(random))
				_ = plugin.Process.Kill()
			}},
	}
}

// short is how long something is out of order.
func short(random *rand.Rand) time.Duration {
	return time.Duration(500+random.IntN(2500)) * time.Millisecond
}

func anyNode(random *rand.Rand) string {
	nodes := loopback.Sane().Nodes
	return nodes[random.IntN(len(nodes))].Name
}

var runID = regexp.MustCompile(`\b\d{6}-\d{6}-[0-9a-f]{4}\b`)

// TestChaosLosesAndLeavesNothing disturbs runs and goes on with those whose
// plugin is gone: every trial has one result in the end, nothing is left behind,
// and what is somebody else's stays.
func TestChaosLosesAndLeavesNothing(t *testing.T) {
	for i := range *chaosRuns {
		random := rand.New(rand.NewPCG(*chaosSeed, uint64(i)))
		all := blows()
		b := all[random.IntN(len(all))]
		t.Run(fmt.Sprintf("%d %s", i, b.name), func(t *testing.T) {
			t.Parallel()
			disturb(t, b, random)
		})
	}
}

func disturb(t *testing.T, b blow, random *rand.Rand) {
	l := open(t, loopback.Sane())
	foreign := foreignObject()
	l.server.Put(foreign)
	var out, errOut bytes.Buffer
	c := l.command(small()...)
	c.Stdout, c.Stderr = &out, &errOut
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = c.Wait(); close(ended) }()
	pod, wait := random.IntN(4), time.Duration(random.IntN(1500))*time.Millisecond
	reach(t, ended, func() bool { return l.server.LoadPods() >= pod })
	select {
	case <-ended:
	case <-time.After(wait): // the instant is part of what is drawn
		b.do(l, c, random)
		<-ended
	}
	result := outcome{code: c.ProcessState.ExitCode(), out: out.String(), errOut: errOut.String()}
	if result.code != 0 && !b.kills {
		t.Fatalf("after %s: exit %d\n%s", b.name, result.code, result.errOut)
	}
	for try := 0; result.code != 0; try++ {
		id := runID.FindString(l.call("runs").out)
		if id == "" || try == 3 {
			if id == "" && l.server.LoadPods() == 0 {
				break // it was gone before it had begun
			}
			t.Fatalf("run %q cannot be gone on with: exit %d\n%s", id, result.code, result.errOut)
		}
		result = l.call("run", "--resume", id, "--resources", "none", "--inconclusive", "pass", "-o", "json")
	}
	if result.code == 0 {
		if n := completed(t, result.report(t)); n < 4 {
			t.Errorf("%d trials with a result, want 4\n%s", n, result.errOut)
		}
	}
	if o := l.call("cleanup"); o.code != 0 {
		t.Errorf("cleanup: exit %d\n%s", o.code, o.errOut)
	}
	l.nothingLeft()
	for _, o := range l.server.Objects("configmaps") {
		if o.GetName() == foreign.GetName() {
			return
		}
	}
	t.Error("an object of somebody else is gone")
}

// reach waits until a condition holds, or the plugin has ended.
func reach(t *testing.T, ended <-chan struct{}, holds func() bool) {
	t.Helper()
	for limit := time.After(time.Minute); !holds(); {
		select {
		case <-ended:
			return
		case <-limit:
			t.Fatal("the run does not get there")
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func foreignObject() *unstructured.Unstructured {
	o := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "ConfigMap"}}
	o.SetNamespace("plain")
	o.SetName("somebodys")
	o.SetLabels(map[string]string{"app.kubernetes.io/name": "meshbench"})
	return o
}
