package loopback_test

import (
	"net/http"
	"testing"

	"github.com/meshbench/kubectl-meshbench/test/loopback"
)

// A front before the API server fails in five ways while a run lasts: every trial
// has its one result, by its first load pod.
func TestNothingIsLostBehindAFrontThatFails(t *testing.T) {
	t.Parallel()
	l := open(t, loopback.Sane())
	front := loopback.StartFront(l.server.URL(), http.DefaultTransport, loopback.Script())
	t.Cleanup(front.Close)
	if err := front.Kubeconfig(l.kubeconfig, "front"); err != nil {
		t.Fatal(err)
	}
	o := l.call(small("--rounds", "3")...)
	if o.code != 0 {
		t.Fatalf("exit %d\n%s", o.code, o.errOut)
	}
	if n := completed(t, o.report(t)); n != 6 || front.LoadPods() != 6 {
		t.Errorf("%d trials with a result by %d load pods, want 6 by 6\n%s", n, front.LoadPods(), o.errOut)
	}
	for i, n := range front.Taken() {
		if n == 0 {
			t.Errorf("fault %d of the script has met no request", i)
		}
	}
	l.nothingLeft()
}
