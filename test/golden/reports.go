package golden

import (
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/analyse"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

// Completed is a synthetic report, edited and analysed.
func Completed(t testing.TB, o fixture.Options, edit func(*v1alpha1.Report)) v1alpha1.Report {
	t.Helper()
	r, levels := fixture.Report(o)
	if edit != nil {
		edit(&r)
	}
	done, err := analyse.Complete(analyse.Input{Report: r, Levels: levels})
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// Sweep is an experiment of two rates.
func Sweep() v1alpha1.Experiment {
	e := fixture.Named("exp2", 4)
	e.Spec.Factors.Rate = v1alpha1.Values[v1alpha1.Rate]{100, 1000}
	return e
}

// Reports are runs of each kind, by name.
func Reports(t testing.TB) map[string]v1alpha1.Report {
	t.Helper()
	return map[string]v1alpha1.Report{
		"clean":      Completed(t, fixture.Options{Samples: 20_000}, nil),
		"levels":     Completed(t, fixture.Options{Arms: []string{"plain", "meshy", "other"}, Experiment: Sweep()}, nil),
		"few-rounds": Completed(t, fixture.Options{Experiment: fixture.Named("exp1", 2)}, nil),
		"one-round":  Completed(t, fixture.Options{Experiment: fixture.Named("exp1", 1)}, nil),
		"equal": Completed(t,
			fixture.Options{Latency: func(string, v1alpha1.Level, int) time.Duration { return time.Millisecond }}, nil),
		"void": Completed(t, fixture.Options{}, func(r *v1alpha1.Report) {
			r.Arms[0].Target.Containers = append(r.Arms[0].Target.Containers, v1alpha1.Container{Name: "stray", Injected: true})
			r.Arms[0].DataPlane.OwnContainers = []string{"stray"}
		}),
		"interrupted": Completed(t, fixture.Options{}, func(r *v1alpha1.Report) {
			r.Trials, r.Run.Interrupted = r.Trials[:1], true
		}),
		"max-rate":   Analysed(t, fixture.Search, fixture.SearchOptions{}),
		"capacity":   withCapacity(t),
		"overspent":  Completed(t, fixture.Options{Experiment: fixture.Named("exp1", 4), Edit: overspend}, nil),
		"shortfall":  Completed(t, fixture.Options{Experiment: fixture.Named("exp1", 4)}, idleUse(0.6)),
		"objectives": withVerdicts(Completed(t, fixture.Options{}, nil)),
		"faults":     Completed(t, fixture.Errors(fixture.Options{}), nil),
		"disturbed":  Completed(t, fixture.Kills(fixture.Options{}), nil),
		"chain":      Completed(t, fixture.Chain(6, fixture.Options{}), nil),
		"errors": Completed(t, fixture.Options{Edit: func(x *v1alpha1.Trial) {
			if x.Arm == "meshy" {
				x.Load.Errors = []v1alpha1.ErrorCount{{Class: v1alpha1.ErrorStatus, Detail: "503", Count: int64(x.Round)}}
			}
		}}, nil),
	}
}

// overspend lets proxies use more than the nodes they are on.
func overspend(x *v1alpha1.Trial) {
	for i := range x.Resources.Containers {
		if c := &x.Resources.Containers[i]; c.Container == "istio-proxy" {
			*c.CPUSeconds *= 20
		}
	}
}

// idleUse lets two nodes together use so many cores without load.
func idleUse(cores float64) func(*v1alpha1.Report) {
	const window = 10
	seconds := cores / 2 * window
	return func(r *v1alpha1.Report) {
		r.Idle = &v1alpha1.IdleWindow{}
		for _, node := range []string{"node-1", "node-2"} {
			r.Idle.Resources.Nodes = append(r.Idle.Resources.Nodes,
				v1alpha1.NodeUsage{Node: node, CPUSeconds: &seconds, CoveredSeconds: window})
		}
	}
}

// Analysed is a synthetic report of another kind, analysed.
func Analysed[O any](t testing.TB, from func(O) (v1alpha1.Report, map[string][]v1alpha1.Level), o O) v1alpha1.Report {
	t.Helper()
	r, levels := from(o)
	done, err := analyse.Complete(analyse.Input{Report: r, Levels: levels})
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// withCapacity is a run of capacity and a search that has not ended.
func withCapacity(t testing.TB) v1alpha1.Report {
	t.Helper()
	return Analysed(t, func(struct{}) (v1alpha1.Report, map[string][]v1alpha1.Level) {
		capacity, levels := fixture.Report(fixture.Options{Experiment: fixture.Capacity(4)})
		other, more := fixture.Report(fixture.Options{Latency: func(arm string, _ v1alpha1.Level, _ int) time.Duration {
			return map[string]time.Duration{"meshy": 500 * time.Microsecond}[arm] + 1030*time.Microsecond
		}})
		capacity, levels = fixture.Join(capacity, levels, other, more)
		search, more := fixture.Search(fixture.SearchOptions{})
		search.Trials = search.Trials[:9]
		return fixture.Join(capacity, levels, search, more)
	}, struct{}{})
}

func withVerdicts(r v1alpha1.Report) v1alpha1.Report {
	for _, result := range []v1alpha1.VerdictResult{v1alpha1.VerdictPass, v1alpha1.VerdictFail,
		v1alpha1.VerdictInconclusive} {
		r.Verdicts = append(r.Verdicts, v1alpha1.Verdict{
			SLO: "p99 < 20ms", Address: v1alpha1.Address{Experiment: "exp1", Level: "default", Arm: "meshy"}, Result: result,
			Evidence: "p99 is 3.02 ms [2.98 ms, 3.06 ms]",
		})
	}
	return r
}
