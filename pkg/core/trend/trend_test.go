package trend

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/meshbench/kubectl-meshbench/test/fixture"
	"github.com/meshbench/kubectl-meshbench/test/simulate"
)

func wobbling(n int, level func(i int) float64) []float64 {
	wobble := []float64{0.99, 1.01, 1.00, 1.015, 0.985, 1.005, 0.995}
	var out []float64
	for i := range n {
		out = append(out, level(i)*wobble[i%len(wobble)])
	}
	return out
}

func TestWhatATrendSays(t *testing.T) {
	flat := func(int) float64 { return 0.7 }
	stepped := func(i int) float64 { return 0.7 - 0.1*float64(min(i/8, 1)) }
	creeping := func(i int) float64 { return 0.7 * math.Pow(0.99, float64(i)) }
	for name, c := range map[string]struct {
		ratios    []float64
		reference string
		word      Word
		segments  int
	}{
		"steady":                     {wobbling(16, flat), "", Steady, 1},
		"a step down":                {wobbling(16, stepped), "", Worse, 2},
		"a step up":                  {wobbling(16, func(i int) float64 { return 1 / stepped(i) }), "", Better, 2},
		"nine sessions":              {wobbling(9, stepped), "", Unknown, 1},
		"one odd day":                {append(wobbling(11, flat), 0.3, 0.7, 0.71, 0.69, 0.7), "", Steady, 1},
		"against a reference":        {wobbling(16, stepped), "run-00", Worse, 2},
		"steady since its reference": {wobbling(16, flat), "run-02", Steady, 1},
		"creeping":                   {wobbling(20, creeping), "run-00", Worse, 0},
		"few since the reference":    {wobbling(3, flat), "run-00", Unknown, 1},
		"the reference is the last":  {wobbling(12, flat), "run-11", Unknown, 1},
		"another's run":              {wobbling(12, flat), "elsewhere", Unknown, 1},
	} {
		r := Of(fixture.Sessions(c.ratios...), Options{MinChange: 0.05, Reference: c.reference})
		if len(r.Lines) != 1 {
			t.Fatalf("%s: lines are %+v, %v", name, r.Lines, r.Warnings)
		}
		l := r.Lines[0]
		if l.Word != c.word || c.segments > 0 && len(l.Segments) != c.segments || (l.Word == Unknown) != (l.Reason != "") {
			t.Errorf("%s: %s (%s), %d segments %+v, since %+v; want %s, %d", name, l.Word, l.Reason, len(l.Segments),
				l.Segments, l.SinceReference, c.word, c.segments)
		}
		if l.Points[0].Mesh != "1.0" || len(l.Points) != len(c.ratios) {
			t.Errorf("%s: points are %+v", name, l.Points)
		}
	}
}

func TestOnlyRunsOfOneSettingMakeALine(t *testing.T) {
	all := fixture.Sessions(wobbling(12, func(int) float64 { return 0.7 })...)
	for i := range all[6:] {
		all[6+i].Experiments = slices.Clone(all[6+i].Experiments)
		all[6+i].Experiments[0].Spec.Schedule.Duration.Duration *= 2
	}
	r := Of(append(all, all[0]), Options{MinChange: 0.05})
	if len(r.Lines) != 2 || len(r.Lines[0].Points) != 6 || len(r.Warnings) != 2 {
		t.Errorf("lines %+v, warnings %q", r.Lines, r.Warnings)
	}
}

// In a steady series a change of level is found as often as is said; a step of
// three deviations in the middle nearly always, within a session of its place.
func TestHowOftenChangesAreFound(t *testing.T) {
	const n = 200
	series := func(random *rand.Rand, step float64) []float64 {
		var xs []float64
		for i := range 20 {
			xs = append(xs, random.NormFloat64()+step*float64(i/10))
		}
		return xs
	}
	wrong := simulate.Share(t, "a change of level in a steady series", n, func(random *rand.Rand) bool {
		return len(steps(series(random, 0), falseAlarms, random)) > 0
	})
	simulate.AtMost(t, "false alarms", wrong, falseAlarms, n)
	skewed := simulate.Share(t, "the same where sessions are skewed", n, func(random *rand.Rand) bool {
		xs := series(random, 0)
		for i := range xs {
			xs[i] = math.Exp(xs[i])
		}
		return len(steps(xs, falseAlarms, random)) > 0
	})
	simulate.AtMost(t, "false alarms", skewed, falseAlarms, n)
	found := simulate.Share(t, "a step of 3 deviations is found where it is", n, func(random *rand.Rand) bool {
		return slices.ContainsFunc(steps(series(random, 3), falseAlarms, random),
			func(at int) bool { return at >= 9 && at <= 11 })
	})
	simulate.AtLeast(t, "found", found, 0.9, n)
}
