package preflight

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/test/golden"

	"context"
)

// troubled has something of everything: a pass, a warning, a failure, a fix of
// one line, of a command, and of a whole document.
func troubled(t *testing.T) Input {
	s := inOrder()
	s.access["get pods/log in namespace mesh"] = true
	s.access["list namespaces in the whole cluster"] = true
	s.leftovers = []kube.Object{{Kind: "pod", Namespace: "base", Name: "old", RunID: "r0"}}
	s.admit = func(p *corev1.Pod) error {
		if p.Namespace == "mesh" {
			return errors.New(`pods "x" is forbidden: violates PodSecurity "restricted:latest": ` +
				`non-default capabilities (container "istio-init" must not include ` +
				`"NET_ADMIN" in securityContext.capabilities.add)`)
		}
		return nil
	}
	in := inputFor(t, s)
	in.Rehearse = func(context.Context, []v1alpha1.Arm) Rehearsal { return rehearsed() }
	return in
}

// rehearsed is a rehearsal that went well in the baseline, and nowhere else.
func rehearsed() Rehearsal {
	begun := now
	clock := (*Clock)(nil).Narrowed(begun.Add(1500*time.Millisecond), begun, begun.Add(2*time.Second))
	clock = clock.Narrowed(begun.Add(3*time.Second), begun, begun.Add(3100*time.Millisecond))
	ours := v1alpha1.Container{Name: "meshbench"}
	return Rehearsal{RunID: "r9", Took: 12 * time.Second, Arms: map[string]RehearsedArm{
		"base": {
			Target: v1alpha1.Pod{Node: "node-1", Containers: []v1alpha1.Container{ours}}, TargetReady: 1600 * time.Millisecond,
			Trials: []RehearsedTrial{{Protocol: v1alpha1.ProtocolHTTP1, Took: 3 * time.Second, Trial: v1alpha1.Trial{
				Status: v1alpha1.TrialCompleted, Load: &v1alpha1.LoadResult{Requests: 1234},
				Pods: []v1alpha1.Pod{{Node: "node-2", Containers: []v1alpha1.Container{ours}}},
			}}},
			DataPlane: &v1alpha1.DataPlane{Path: v1alpha1.PathNone, MTLS: v1alpha1.AnswerNo,
				PathEvidence: []string{"the target saw the load pod's own address"}},
			Worker: "v1.0.0", Clock: clock,
		},
		"mesh": {Trials: []RehearsedTrial{{Protocol: v1alpha1.ProtocolHTTP1,
			Trial: v1alpha1.Trial{Status: v1alpha1.TrialVoid, Reason: "the worker failed (ready): connection refused"}}}},
	}}
}

func TestPrintedChecks(t *testing.T) {
	for name, observer := range map[string]func(io.Writer) Observer{
		"table": func(w io.Writer) Observer { return Table(w, term.Style{}) },
		"color": func(w io.Writer) Observer { return Table(w, term.Style{Color: true, Columns: 80}) },
		"short": func(w io.Writer) Observer { return Short(w, term.Style{}) },
		"json":  JSON,
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			o := observer(&out)
			if err := o.Finish(Run(t.Context(), Checks(troubled(t)), o.Checked)); err != nil {
				t.Fatal(err)
			}
			golden.Check(t, "check."+name, out.Bytes())
		})
	}
}

// What an API server says may hold anything; a terminal must not obey it.
func TestEvidenceCannotSteerATerminal(t *testing.T) {
	s := inOrder()
	s.admit = func(*corev1.Pod) error { return errors.New("\x1b[2Jgone\r\u202e") }
	var out bytes.Buffer
	o := Table(&out, term.Style{})
	Run(t.Context(), Checks(inputFor(t, s)), o.Checked)
	if bytes.ContainsAny(out.Bytes(), "\x1b\r\u202e") || !bytes.Contains(out.Bytes(), []byte("gone")) {
		t.Errorf("printed %q", out.String())
	}
}

func TestAClockIsBoundedByWhatWasHeard(t *testing.T) {
	clock := rehearsed().Arms["base"].Clock
	// Ahead by at least 3 s - 3.1 s, and by at most 1.5 s - 0 s.
	if clock.Least != -100*time.Millisecond || clock.Most != 1500*time.Millisecond {
		t.Errorf("clock is %+v", *clock)
	}
	for offset, want := range map[time.Duration]Answer{0: Holds, 3 * time.Second: Broken, -4 * time.Second: Broken} {
		c := Clock{Least: offset - time.Second/2, Most: offset + time.Second/2}
		if got := judgeClock(RehearsedArm{Clock: &c}); got.Answer != want {
			t.Errorf("a clock ahead by %s gives %+v", offset, got)
		}
	}
	if got := judgeClock(RehearsedArm{}); got.Answer != Unknown {
		t.Errorf("no clock gives %+v", got)
	}
}

func TestTheWayOfRequestsIsJudgedByRole(t *testing.T) {
	const none, one, both, dark = v1alpha1.PathNone, v1alpha1.PathServerSide, v1alpha1.PathBothSides, v1alpha1.PathUnknown
	for _, c := range []struct {
		role v1alpha1.Role
		path v1alpha1.Path
		want Answer
	}{
		{v1alpha1.RoleBaseline, none, Holds}, {v1alpha1.RoleBaseline, one, Broken}, {v1alpha1.RoleBaseline, both, Broken},
		{v1alpha1.RoleBaseline, dark, Unknown},
		{v1alpha1.RoleMeshed, none, Broken}, {v1alpha1.RoleMeshed, one, Unknown}, {v1alpha1.RoleMeshed, both, Holds},
		{v1alpha1.RoleMeshed, dark, Unknown},
	} {
		got := judgePath(v1alpha1.Arm{Role: c.role}, RehearsedArm{DataPlane: &v1alpha1.DataPlane{Path: c.path}})
		if got.Answer != c.want {
			t.Errorf("%s, path %s: %+v, want answer %d", c.role, c.path, got, c.want)
		}
	}
	if got := judgePath(v1alpha1.Arm{}, RehearsedArm{}); got.Answer != Unknown {
		t.Errorf("nothing seen gives %+v", got)
	}
}
