package loopback_test

import (
	"os/exec"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/test/loopback"
)

// A run lives through an API server that is killed, a kubelet that is, and a node
// that restarts: every trial has its one result, and none is measured again but
// those whose workers went with the node.
func TestARunLivesThroughOutages(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		do   func(*loopback.Server)
		most int // load pods
	}{
		"the API server": {do: func(s *loopback.Server) { s.Crash(2 * time.Second) }, most: 4},
		"the kubelet of load": {most: 4,
			do: func(s *loopback.Server) { s.CrashKubelet("node-2", false, 2*time.Second) }},
		"the kubelet of targets": {most: 4,
			do: func(s *loopback.Server) { s.CrashKubelet("node-1", false, 2*time.Second) }},
		"the node of load":    {do: func(s *loopback.Server) { s.CrashKubelet("node-2", true, 2*time.Second) }, most: 5},
		"the node of targets": {do: func(s *loopback.Server) { s.CrashKubelet("node-1", true, 2*time.Second) }, most: 6},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := open(t, loopback.Sane())
			o := l.during(small(), func(*exec.Cmd) { x.do(l.server) })
			if o.code != 0 {
				t.Fatalf("exit %d\n%s", o.code, o.errOut)
			}
			if n := completed(t, o.report(t)); n != 4 || l.server.LoadPods() > x.most {
				t.Errorf("%d trials with a result by %d load pods, want 4 by at most %d\n%s",
					n, l.server.LoadPods(), x.most, o.errOut)
			}
			l.nothingLeft()
		})
	}
}

// A run begins, and one whose plugin was killed goes on, although the API server is
// being restarted at that moment.
func TestARunBeginsWhileTheAPIServerRestarts(t *testing.T) {
	t.Parallel()
	l := open(t, loopback.Sane())
	l.server.Crash(2 * time.Second)
	o := l.during(small(), func(plugin *exec.Cmd) {
		l.server.Crash(2 * time.Second)
		_ = plugin.Process.Kill()
	})
	if l.server.LoadPods() < 2 {
		t.Fatalf("the run has not begun: exit %d\n%s", o.code, o.errOut)
	}
	id := runID.FindString(l.call("runs").out)
	o = l.call("run", "--resume", id, "--resources", "none", "--inconclusive", "pass", "-o", "json")
	if o.code != 0 {
		t.Fatalf("exit %d\n%s", o.code, o.errOut)
	}
	if n := completed(t, o.report(t)); n != 4 {
		t.Errorf("%d trials with a result, want 4\n%s", n, o.errOut)
	}
	l.nothingLeft()
}
