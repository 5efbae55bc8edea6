package cli

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
	"github.com/meshbench/kubectl-meshbench/test/golden"
)

// gateReports are the stored reports: a mesh of some cost, and what may go wrong.
var gateReports = map[string]struct {
	cost float64 // of the mesh, as a factor of latency
	seed uint64
	// noise is a trial's, as a standard deviation of logarithms; 0.5 % if 0.
	noise  float64
	trial  func(*v1alpha1.Trial)
	report func(*v1alpha1.Report)
}{
	"before":      {cost: 1.5, seed: 1},
	"copied":      {cost: 1.5, seed: 1},
	"identical":   {cost: 1.5, seed: 2},
	"slower":      {cost: 1.65, seed: 3},
	"faster":      {cost: 1.35, seed: 4},
	"alike":       {cost: 1.515, seed: 5},
	"noisy":       {cost: 1.56, seed: 6, noise: 0.1},
	"bypassed":    {cost: 1.01, seed: 7, trial: only("meshy", aroundTheMesh), report: notInPath},
	"collapsed":   {cost: 1.5, seed: 8, trial: only("plain", thrice)},
	"saturated":   {cost: 1.5, seed: 9, trial: only("plain", atTheClientsLimit)},
	"timeouts":    {cost: 1.5, seed: 10, trial: only("meshy", nineInAHundredTimeOut)},
	"no-baseline": {cost: 1.5, seed: 11, trial: only("plain", nineInAHundredTimeOut)},
}

// Each gate is run as people run it, on reports as they are stored: the exit code,
// the report on standard output, and what is said beside it.
func TestGatesOnStoredReports(t *testing.T) {
	for name, c := range map[string]struct {
		before, after string
		code          int
	}{
		"identical":          {"before", "identical", exitOK},
		"equivalent":         {"before", "alike", exitOK},
		"improvement":        {"before", "faster", exitOK},
		"regression":         {"before", "slower", exitBreached},
		"undecided":          {"before", "noisy", exitInconclusive},
		"bypassed-mesh":      {"before", "bypassed", exitInconclusive},
		"was-bypassed":       {"bypassed", "before", exitInconclusive},
		"collapsed-baseline": {"before", "collapsed", exitInconclusive},
		"saturated-client":   {"before", "saturated", exitInconclusive},
		"timeouts":           {"before", "timeouts", exitInconclusive},
		"failing-baseline":   {"before", "no-baseline", exitInconclusive},
		"copied":             {"before", "copied", exitInconclusive},
	} {
		t.Run(name, func(t *testing.T) {
			before, after := storedGate(t, c.before), storedGate(t, c.after)
			stdout, stderr, code := invoke(t, "", "compare", "--gate", before, after)
			if code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			golden.Check(t, "gate/"+name+".txt",
				fmt.Appendf(nil, "exit code %d\n--- stdout\n%s--- stderr\n%s", code, stdout, stderr))
		})
	}
}

// storedGate is the file of one of the reports.
func storedGate(t *testing.T, name string) string {
	t.Helper()
	return golden.Stored(t, "gate/"+name+".json.gz", func() v1alpha1.Report {
		c := gateReports[name]
		noise := rand.New(rand.NewPCG(c.seed, 7))
		if c.noise == 0 {
			c.noise = 0.005
		}
		r := golden.Completed(t, fixture.Options{Seed: c.seed, Samples: 5000, Edit: c.trial,
			Latency: func(arm string, _ v1alpha1.Level, _ int) time.Duration {
				median := float64(time.Millisecond) * math.Exp(c.noise*noise.NormFloat64())
				if arm == "meshy" {
					median *= c.cost
				}
				return time.Duration(median)
			}}, c.report)
		if name != "before" {
			aDayLater(&r)
		}
		return r
	})
}

func aDayLater(r *v1alpha1.Report) {
	const days = 1
	r.Run.StartedAt, r.Run.FinishedAt = r.Run.StartedAt.AddDate(0, 0, days), r.Run.FinishedAt.AddDate(0, 0, days)
	r.Run.ID = r.Run.StartedAt.Format("060102-150405") + "-abcd"
	r.Metadata.Name = r.Run.ID
	for i := range r.Trials {
		w := r.Trials[i].Window
		w.StartedAt, w.EndedAt = w.StartedAt.AddDate(0, 0, days), w.EndedAt.AddDate(0, 0, days)
	}
}

func only(arm string, edit func(*v1alpha1.Trial)) func(*v1alpha1.Trial) {
	return func(trial *v1alpha1.Trial) {
		if trial.Arm == arm {
			edit(trial)
		}
	}
}

// aroundTheMesh: the proxies are there and count nothing.
func aroundTheMesh(trial *v1alpha1.Trial) {
	for i := range trial.ProxyCounts {
		none := int64(0)
		trial.ProxyCounts[i].Counted, trial.ProxyCounts[i].MutualTLS = &none, nil
	}
}

// notInPath is what the counters of such trials come to.
func notInPath(r *v1alpha1.Report) {
	plane := r.Arms[1].DataPlane
	plane.Path, plane.MTLS = v1alpha1.PathNone, v1alpha1.AnswerNo
	plane.PathEvidence = []string{"client side: istio-proxy counted 0 requests, 66,000 were sent: they went around it",
		"server side: istio-proxy counted 0 requests, 66,000 were sent: they went around it"}
}

func thrice(trial *v1alpha1.Trial) { trial.Window.Seconds *= 3 }

func atTheClientsLimit(trial *v1alpha1.Trial) {
	used := 1.99 * trial.Window.Seconds
	trial.Clients[0].CPUSeconds = &used
}

func nineInAHundredTimeOut(trial *v1alpha1.Trial) {
	trial.Load.Errors = []v1alpha1.ErrorCount{{Class: v1alpha1.ErrorTimeout, Count: trial.Load.Requests * 9 / 91}}
}
