package meter

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// at is an instant, in seconds from the beginning of all tests.
func at(seconds float64) time.Time {
	return time.Unix(1_800_000_000, 0).Add(time.Duration(seconds * float64(time.Second)))
}

func window(from, to float64) v1alpha1.Window {
	return v1alpha1.Window{StartedAt: at(from), EndedAt: at(to), Seconds: to - from}
}

// counted is a counter with these samples: seconds and values in turn.
func counted(samples ...float64) *counter {
	c := &counter{}
	for i := 0; i+1 < len(samples); i += 2 {
		c.add(at(samples[i]), samples[i+1])
	}
	return c
}

func TestGrowthIsCutToTheWindow(t *testing.T) {
	for _, c := range []struct {
		name    string
		counter *counter
		want    growth
	}{
		{"samples on the edges", counted(0, 5, 10, 15), growth{amount: 10, bound: 0, covered: 10}},
		{"samples across the edges", counted(-5, 0, 5, 10, 15, 30), growth{amount: 5 + 10, bound: 5 + 10, covered: 10}},
		{"one interval across the window", counted(-10, 0, 30, 40), growth{amount: 10, bound: 30, covered: 10}},
		{"ends early", counted(-1, 0, 8, 9), growth{amount: 8, bound: 8, covered: 8}},
		{"repeated samples", counted(0, 0, 5, 1, 5, 1, 5, 1, 10, 2), growth{amount: 2, covered: 10}},
		{"samples out of order", counted(0, 0, 5, 1, 3, 9, 10, 2), growth{amount: 2, covered: 10}},
		{"a reset", counted(0, 100, 5, 2, 10, 3), growth{amount: 3, covered: 10}},
		{"one sample", counted(5, 7), growth{}},
		{"before the window", counted(-20, 0, -10, 5), growth{}},
		{"after the window", counted(20, 0, 30, 5), growth{}},
		{"none", counted(), growth{}},
	} {
		got := over(c.counter.spans, window(0, 10), unlimited())
		for what, pair := range map[string][2]float64{"amount": {got.amount, c.want.amount},
			"bound": {got.bound, c.want.bound}, "covered": {got.covered, c.want.covered}} {
			if math.Abs(pair[0]-pair[1]) > 1e-9 {
				t.Errorf("%s: %s is %g, want %g", c.name, what, pair[0], pair[1])
			}
		}
	}
}

// Whatever really happened between two samples, the truth is within the bound.
func TestTheBoundHoldsTheTruth(t *testing.T) {
	// No burst is more than two cores can do in a hundredth of a second.
	const cores = 2
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		// The truth: work in bursts, at 100 instants a second.
		var truth []float64
		sum := 0.0
		for range 4000 {
			if random.IntN(20) == 0 {
				sum += cores * random.Float64() / 100
			}
			truth = append(truth, sum)
		}
		var c counter
		for i := random.IntN(500); i < len(truth); i += 1 + random.IntN(1000) {
			c.add(at(float64(i)/100), truth[i])
		}
		from := 500 + random.IntN(1500)
		to := from + 1 + random.IntN(1500)
		g := over(c.spans, window(float64(from)/100, float64(to)/100), cores)
		if g.covered < float64(to-from)/100-1e-6 {
			continue
		}
		if real := truth[to] - truth[from]; math.Abs(real-g.amount) > g.bound+1e-6 || g.amount < 0 {
			t.Fatalf("measured %g within %g, but it was %g", g.amount, g.bound, real)
		}
	}
}

// A processor that was busy all the time was busy within the window too.
func TestTheBoundKnowsWhatCoresCanDo(t *testing.T) {
	full := counted(-5, 0, 5, 20, 15, 40).spans
	if g := over(full, window(0, 10), 2); !near(g.amount, 20) || !near(g.bound, 0) {
		t.Errorf("%g within %g, want 20 within 0", g.amount, g.bound)
	}
	half := counted(-5, 0, 5, 10, 15, 20).spans
	if g := over(half, window(0, 10), 1.5); !near(g.amount, 10) || !near(g.bound, 2*2.5) {
		t.Errorf("%g within %g, want 10 within 5", g.amount, g.bound)
	}
}

func TestSpansOfASourceDoNotOverlap(t *testing.T) {
	var c counter
	c.addSpan(span{at(0), at(10), 10})
	c.addSpan(span{at(0), at(10), 10})
	c.addSpan(span{at(5), at(15), 20})
	if got := over(c.spans, window(0, 20), unlimited()); got.amount != 20 || got.covered != 15 {
		t.Errorf("grew by %g over %g s, want 20 over 15 s", got.amount, got.covered)
	}
}

func TestMeanAndMaxOfALevel(t *testing.T) {
	levels := []level{{at(-5), 7}, {at(0), 1}, {at(5), 3}, {at(10), 100}}
	if mean, most, ok := meanAndMax(levels, window(0, 10)); !ok || mean != 2 || most != 3 {
		t.Errorf("mean %g, max %g, %v; want 2, 3, true", mean, most, ok)
	}
	if mean, most, ok := meanAndMax(levels, window(11, 12)); !ok || mean != 100 || most != 100 {
		t.Errorf("between samples: mean %g, max %g, %v; want the last one", mean, most, ok)
	}
	if _, _, ok := meanAndMax(levels, window(500, 510)); ok {
		t.Error("a stale sample counts")
	}
	if _, _, ok := meanAndMax(nil, window(0, 1)); ok {
		t.Error("no sample counts")
	}
}
