package analyse_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

func comparisonOf(t *testing.T, r v1alpha1.Report, m v1alpha1.Metric) v1alpha1.Comparison {
	t.Helper()
	for _, c := range r.Comparisons {
		if c.Metric == m {
			return c
		}
	}
	t.Fatalf("no comparison of %s", m)
	return v1alpha1.Comparison{}
}

func TestTheRatioIsWhatWasPutIn(t *testing.T) {
	r := complete(t, fixture.Options{}, nil)
	for metric, want := range map[v1alpha1.Metric]float64{v1alpha1.MetricP50: 1.5, v1alpha1.MetricP90: 1.5,
		v1alpha1.MetricThroughput: 1 / 1.5} {
		c := comparisonOf(t, r, metric)
		if c.Ratio == nil || math.Abs(c.Ratio.Value/want-1) > 0.03 {
			t.Errorf("%s: ratio %+v, want about %.3f", metric, c.Ratio, want)
			continue
		}
		if *c.Ratio.Low > want || *c.Ratio.High < want || c.Pairs != 6 {
			t.Errorf("%s: %d pairs, interval [%g, %g] does not hold %g", metric, c.Pairs, *c.Ratio.Low, *c.Ratio.High, want)
		}
	}
	if c := comparisonOf(t, r, v1alpha1.MetricThroughput); c.Conclusion != v1alpha1.ConclusionLower {
		t.Errorf("throughput is %s, want lower", c.Conclusion)
	}
	if c := comparisonOf(t, r, v1alpha1.MetricErrors); c.Ratio != nil || c.Difference == nil || c.Difference.Value != 0 {
		t.Errorf("errors compare as %+v, want a difference of 0 and no ratio", c)
	}
}

func TestTwoEqualArmsAreIndistinguishable(t *testing.T) {
	r := complete(t, fixture.Options{Latency: func(string, v1alpha1.Level, int) time.Duration { return time.Millisecond }},
		nil)
	for _, m := range []v1alpha1.Metric{v1alpha1.MetricP50, v1alpha1.MetricThroughput} {
		if c := comparisonOf(t, r, m); c.Conclusion != v1alpha1.ConclusionNone {
			t.Errorf("%s of two equal arms is %s: %+v", m, c.Conclusion, c.Ratio)
		}
	}
}

// Drift of the whole machine must not move the ratio: that is what pairs are for.
func TestDriftOfBothArmsLeavesTheRatio(t *testing.T) {
	r := complete(t, fixture.Options{Latency: func(arm string, _ v1alpha1.Level, round int) time.Duration {
		d := time.Duration(round) * time.Millisecond
		if arm == "meshy" {
			d = d * 3 / 2
		}
		return d
	}}, nil)
	if c := comparisonOf(t, r, v1alpha1.MetricP50); math.Abs(c.Ratio.Value-1.5) > 0.03 ||
		*c.Ratio.High-*c.Ratio.Low > 0.2 {
		t.Errorf("ratio %g [%g, %g], want 1.5 with a narrow interval", c.Ratio.Value, *c.Ratio.Low, *c.Ratio.High)
	}
}

func TestTheOrderOfTrialsDoesNotMatter(t *testing.T) {
	want := complete(t, fixture.Options{}, nil)
	got := complete(t, fixture.Options{}, func(r *v1alpha1.Report) {
		rand.New(rand.NewPCG(3, 4)).Shuffle(len(r.Trials),
			func(i, j int) { r.Trials[i], r.Trials[j] = r.Trials[j], r.Trials[i] })
	})
	for i, c := range want.Comparisons {
		d := got.Comparisons[i]
		if c.Metric != d.Metric || c.Conclusion != d.Conclusion || c.Ratio != nil &&
			math.Abs(c.Ratio.Value-d.Ratio.Value) > 1e-9 {
			t.Errorf("comparison %d is %+v, after shuffling %+v", i, c, d)
		}
	}
}

func TestMissingRoundsAreLeftOutInPairs(t *testing.T) {
	lost := func(rounds ...int) func(*v1alpha1.Report) {
		return func(r *v1alpha1.Report) {
			r.Trials = slices.DeleteFunc(r.Trials,
				func(x v1alpha1.Trial) bool { return x.Arm == "meshy" && slices.Contains(rounds, x.Round) })
		}
	}
	if c := comparisonOf(t, complete(t, fixture.Options{}, lost(2)), v1alpha1.MetricP50); c.Pairs != 5 ||
		c.Ratio.Low == nil {
		t.Errorf("with one round lost: %+v, want 5 pairs and an interval", c)
	}
	c := comparisonOf(t, complete(t, fixture.Options{}, lost(1, 2, 3)), v1alpha1.MetricP50)
	if c.Pairs != 3 || c.Conclusion != v1alpha1.ConclusionInconclusive || c.Ratio.Low != nil || c.PValue != nil {
		t.Errorf("with three rounds lost: %+v, want 3 pairs, inconclusive and no interval", c)
	}
}

func TestAVoidCellHasNoEstimates(t *testing.T) {
	r := complete(t, fixture.Options{}, func(r *v1alpha1.Report) {
		r.Arms[0].Target.Containers = append(r.Arms[0].Target.Containers, v1alpha1.Container{Name: "x", Injected: true})
		r.Arms[0].DataPlane.OwnContainers = []string{"x"}
	})
	for _, c := range r.Comparisons {
		if c.Conclusion != v1alpha1.ConclusionVoid || c.Ratio != nil || c.Difference != nil || c.PValue != nil {
			t.Errorf("%s against a void baseline is %+v", c.Metric, c)
		}
	}
	for _, c := range r.Cells {
		if c.Void != (c.Arm == "plain") {
			t.Errorf("cell of %s: void is %v", c.Arm, c.Void)
		}
	}
}

func TestPercentilesNeedSamples(t *testing.T) {
	r := complete(t, fixture.Options{Samples: 200}, nil)
	for _, v := range r.Cells[0].Values {
		if v.Unit != v1alpha1.UnitSeconds {
			continue
		}
		known := v.Value != nil
		// 6 rounds x 200 samples: enough for the 99th percentile, not for more.
		want := v.Metric != v1alpha1.MetricP999 && v.Metric != v1alpha1.MetricP9999
		if known != want || known == (v.Missing != "") {
			t.Errorf("%s of 1,200 samples is %v (%q)", v.Metric, v.Value, v.Missing)
		}
	}
}
