package stats_test

import (
	"math"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// said are trials of which only yes and no is known: that many of each at a place.
func said(at float64, yes, no int) []stats.ThresholdTrial {
	var out []stats.ThresholdTrial
	for i := range yes + no {
		out = append(out, stats.ThresholdTrial{At: at, Yes: i < yes})
	}
	return out
}

func threshold(t *testing.T, trials ...[]stats.ThresholdTrial) stats.Threshold {
	t.Helper()
	var all []stats.ThresholdTrial
	for _, some := range trials {
		all = append(all, some...)
	}
	th, ok := stats.NewThreshold(all)
	if !ok {
		t.Fatal("there is no threshold")
	}
	return th
}

func TestAThresholdLiesBetweenYesAndNo(t *testing.T) {
	th := threshold(t, said(100, 3, 0), said(200, 3, 0), said(400, 3, 0), said(500, 0, 3), said(800, 0, 3))
	value, low, high := th.Interval()
	if value == nil || low == nil || high == nil {
		t.Fatalf("interval is %v, %v, %v", value, low, high)
	}
	if *value < 400 || *value > 500 || *low < 250 || *low > 420 || *high > 700 || *high < 480 {
		t.Errorf("threshold is %.4g, %.4g..%.4g", *value, *low, *high)
	}
	if a, b := th.Quantile(0.025), th.Quantile(0.975); a != *low || b != *high {
		t.Errorf("quantiles are %v, %v; want the ends of the interval", a, b)
	}
	// A vote of 3 to 2 at both ends says far less.
	split := threshold(t, said(100, 3, 0), said(200, 3, 0), said(400, 3, 2), said(500, 2, 3), said(800, 0, 3))
	if from, to := split.Quantile(0.025), split.Quantile(0.975); to/from < 1.3**high / *low {
		t.Errorf("split votes leave %.4g..%.4g, hardly wider than %.4g..%.4g", from, to, *low, *high)
	}
}

// Whatever is beyond the places that were tried is not known.
func TestAThresholdBeyondAllTrialsIsOpen(t *testing.T) {
	value, low, high := threshold(t, said(100, 3, 0), said(800, 3, 0)).Interval()
	if value != nil || high != nil || low == nil || *low < 400 || *low > 800 {
		t.Errorf("all yes: %v, %v, %v; want only a lower end", value, low, high)
	}
	value, low, high = threshold(t, said(100, 0, 3), said(800, 0, 3)).Interval()
	if value != nil || low != nil || high == nil || *high < 100 || *high > 200 {
		t.Errorf("all no: %v, %v, %v; want only an upper end", value, low, high)
	}
	value, low, high = threshold(t, said(100, 1, 1)).Interval()
	if value != nil || low != nil || high != nil {
		t.Errorf("one of each: %v, %v, %v; want nothing", value, low, high)
	}
	for name, none := range map[string][]stats.ThresholdTrial{"none": nil, "at 0": said(0, 1, 1),
		"below 0":  said(-1, 1, 1),
		"infinite": said(math.Inf(1), 1, 0), "no number": said(math.NaN(), 1, 0)} {
		if _, ok := stats.NewThreshold(none); ok {
			t.Errorf("%s: there is a threshold", name)
		}
	}
}

// Margins tell more than yes and no: where they cross 0.
func TestMarginsNarrowAThreshold(t *testing.T) {
	var votes, margins []stats.ThresholdTrial
	for i, at := range []float64{300, 350, 400, 440, 460, 500, 550} {
		m := 3*math.Log(at/450) + []float64{0.01, -0.02, 0.015, -0.01, 0.01, 0.02, -0.015}[i]
		votes = append(votes, stats.ThresholdTrial{At: at, Yes: m < 0})
		margins = append(margins, stats.ThresholdTrial{At: at, Yes: m < 0, Margin: &m})
	}
	a, b := threshold(t, votes), threshold(t, margins)
	wide, narrow := a.Quantile(0.975)/a.Quantile(0.025), b.Quantile(0.975)/b.Quantile(0.025)
	if narrow > 1.06 || wide < 1.1 || math.Abs(b.Quantile(0.5)/450-1) > 0.01 {
		t.Errorf("with margins %.4g within x%.3g, without x%.3g", b.Quantile(0.5), narrow, wide)
	}
}

// The scale has no unit: all places times a factor give the threshold times that.
func TestThresholdsScale(t *testing.T) {
	a := threshold(t, said(100, 3, 0), said(120, 2, 1), said(150, 0, 3))
	b := threshold(t, said(1700, 3, 0), said(2040, 2, 1), said(2550, 0, 3))
	for _, q := range []float64{0.025, 0.5, 0.975} {
		if r := b.Quantile(q) / a.Quantile(q); math.Abs(r-17) > 1e-6 {
			t.Errorf("quantile %v grows by %v, want 17", q, r)
		}
	}
}

func TestTheRatioOfThresholdsHoldsBothErrors(t *testing.T) {
	a := threshold(t, said(100, 5, 0), said(200, 5, 0), said(240, 0, 5), said(400, 0, 5))
	b := threshold(t, said(50, 5, 0), said(100, 5, 0), said(120, 0, 5), said(200, 0, 5))
	e := b.Over(a, 0.95)
	if math.Abs(e.Value-0.5) > 0.01 || *e.Low >= e.Value || *e.High <= e.Value {
		t.Fatalf("ratio is %v, %v..%v", e.Value, *e.Low, *e.High)
	}
	of := func(t stats.Threshold) float64 { return math.Log(t.Quantile(0.975) / t.Quantile(0.025)) }
	// Of two independent errors of one size the sum is sqrt(2) times it.
	if wide := math.Log(*e.High / *e.Low); wide < 1.2*of(a) || wide > 1.7*of(a) {
		t.Errorf("the ratio is known to within %.3g, each threshold to %.3g", wide, of(a))
	}
	if more := b.Over(a, 0.99); *more.Low >= *e.Low || *more.High <= *e.High {
		t.Error("an interval of 99 % is no wider than one of 95 %")
	}
}
