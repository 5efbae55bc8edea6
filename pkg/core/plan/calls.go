package plan

import (
	"fmt"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
	"github.com/meshbench/kubectl-meshbench/pkg/core/workload"
)

// Calls says what the run asks of a Service of the user's, in all, one sentence each;
// none where it has targets of its own. It is said before the run.
func (p Plan) Calls() []string {
	s := p.Run.Service
	if s == nil {
		return nil
	}
	var out []string
	for _, arm := range p.Arms {
		host := workload.ServiceHost(p.Run, arm)
		what := fmt.Sprintf("%s %s", s.Method, s.Path)
		if p.speaksGRPC() {
			what = "gRPC health checks (and " + what + " over HTTP)"
			if len(p.Run.Protocols) == 1 {
				what = "gRPC health checks"
			}
		}
		if n, bounded := p.requests(arm.Name); bounded {
			out = append(out, fmt.Sprintf("arm %s: about %s requests of %s to %s, %s bytes of bodies to send; what answers "+
				"weigh is not known before", arm.Name, words.Thousands(n), what, host, words.Thousands(n*int64(len(s.Body)))))
		} else {
			out = append(out, fmt.Sprintf("arm %s: %s to %s, without a bound on how many: closed loops and searches go as "+
				"fast as they can", arm.Name, what, host))
		}
	}
	for _, word := range []string{"logout", "delete", "remove", "admin", "reset", "shutdown"} {
		if strings.Contains(strings.ToLower(s.Path), word) {
			out = append(out, fmt.Sprintf("the path %s has %q in it: does asking for it so often change anything?", s.Path,
				word))
		}
	}
	return out
}

func (p Plan) speaksGRPC() bool {
	for _, one := range p.Run.Protocols {
		if one == v1alpha1.ProtocolGRPC {
			return true
		}
	}
	return false
}

// requests are all of an arm, if no trial is repeated. bounded is false where the load
// has no rate.
func (p Plan) requests(arm string) (n int64, bounded bool) {
	if len(p.Searches) > 0 {
		return 0, false
	}
	var ramp float64
	for _, share := range wire.RampShares() {
		ramp += share / float64(len(wire.RampShares()))
	}
	var sum float64
	for _, t := range p.Trials {
		if t.Arm.Name != arm {
			continue
		}
		if t.Level.Rate.ClosedLoop() {
			return 0, false
		}
		sum += float64(t.Level.Rate) * (t.Schedule.Duration.Seconds() + ramp*t.Schedule.Warmup.Seconds())
	}
	return int64(sum), true
}
