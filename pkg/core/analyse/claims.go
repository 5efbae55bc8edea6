package analyse

import (
	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// significance is how many clean runs in a hundred may claim anything at all.
const significance = 0.05

// question is how soon a reader asks what a comparison answers.
type question int

const (
	// questionFirst: the rate that a closed loop reaches, the median of a schedule;
	// where the target fails requests, what the mesh makes of them too; where targets
	// are disturbed, what that does, and the median is a column like others.
	questionFirst question = iota
	// questionTable: the other columns of the table.
	questionTable
	// questionDetail: what -o wide and the page show besides.
	questionDetail
)

// shares are what each kind of question gets of the run's error. A first
// question has to be answered by six rounds; an answer to it hands on what it
// used, so that the others are asked with nearly all of it where a mesh has an
// effect that shows first.
func shares() []float64 {
	return []float64{questionFirst: 0.80, questionTable: 0.15, questionDetail: 0.05}
}

func questionOf(name v1alpha1.Metric, l v1alpha1.Level, disturbed bool) question {
	m, known := metric.Find(name)
	switch {
	case known && m.Disturbed:
		return questionFirst
	case !disturbed && name == metric.Steady(l.Rate):
		return questionFirst
	case l.ErrorRatio > 0 && (name == v1alpha1.MetricErrors || name == v1alpha1.MetricAmplification):
		return questionFirst
	case name == v1alpha1.MetricThroughput:
		return questionDetail // the schedule gives it
	case known && m.Shown == metric.InTable && !m.OneSample && m.Usual == nil && m.Beside == "":
		return questionTable
	default:
		return questionDetail
	}
}

// tested is a comparison together with what its test needs.
type tested struct {
	*v1alpha1.Comparison
	question question
	// values are logarithms of ratios, or differences where there is no ratio;
	// no difference is 0 in both.
	values []float64
	// first of them decided how many there are; 0 where nothing did.
	first int
	// exact is set where the exact test of signs decides, not Student's.
	exact bool
	// unresolved is set where the measurement cannot tell such a difference.
	unresolved bool
}

// decide says which differences the run may claim: the comparisons of a run are
// one family, of which at most 5 % claim anything where nothing differs.
func decide(all []tested) {
	classes := make([]int, len(all))
	for i, t := range all {
		classes[i] = int(t.question)
	}
	family := make([]stats.Test, len(all))
	for i, weight := range stats.Shares(classes, shares()...) {
		t := all[i]
		family[i] = stats.Test{P: 1, Weight: weight}
		if !t.unresolved {
			family[i].P = stats.SteinTest(t.values, t.first)
			if t.exact {
				family[i].P = stats.SignFlip(t.values)
			}
		}
	}
	for i, adjusted := range stats.Holm(family) {
		t := all[i]
		t.Conclusion, t.DecidedBy = v1alpha1.ConclusionNone, v1alpha1.DecidedByResolution
		if t.unresolved {
			continue
		}
		p := family[i].P
		t.TestPValue, t.AdjustedPValue, t.DecidedBy = &p, &adjusted, v1alpha1.DecidedByAdjustedP
		mean := stats.Mean(t.values)
		switch {
		case adjusted > significance:
		case mean > 0:
			t.Conclusion = v1alpha1.ConclusionHigher
		case mean < 0:
			t.Conclusion = v1alpha1.ConclusionLower
		}
	}
}
