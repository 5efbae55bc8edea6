package compare

import (
	"fmt"
	"math"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
)

const (
	// failedLimit is what share of its requests may fail before a cell is not judged.
	failedLimit = 0.01
	// movedShare is by how much a baseline's own figures may move without a word.
	movedShare = 0.10
	// collapsed is by what factor they move, without the arm's, before the ratio is
	// no longer the mesh's.
	collapsed = 1.5
)

// forbidden says why the reports forbid to judge a change; empty if they do not.
func (s sides) forbidden(at v1alpha1.Address, m metric.Metric) string {
	for _, x := range s.all() {
		for _, one := range []v1alpha1.Address{at, at.Of(x.Baseline().Name)} {
			if why := s.unfit(x, one); why != "" {
				return why
			}
		}
		compared, _ := x.Comparison(at, m.Name)
		switch compared.Conclusion {
		case v1alpha1.ConclusionVoid, v1alpha1.ConclusionOverloaded:
			return "it is " + string(compared.Conclusion) + " in one of the reports"
		case v1alpha1.ConclusionBound:
			return "in one of the reports only a lower bound of it is known: requests had no answer"
		}
		for _, f := range s.findings {
			if spoils(f) && (f.Covers(at) || f.Covers(at.Of(x.Baseline().Name))) {
				return f.Code + ": " + f.Evidence
			}
		}
	}
	if path := s.paths(at.Arm); path != "" {
		return path
	}
	if m.Disturbed {
		return "" // 0 is usual, and moves by no factor
	}
	base, arm := s.moved(at.Of(s.before[0].Baseline().Name), m.Name), s.moved(at, m.Name)
	if math.Abs(base) > math.Log(collapsed) && math.Abs(base-arm) > math.Abs(base)/2 {
		return fmt.Sprintf("the baseline's own %s is %.3g x what it was, the arm's %.3g x: the ratio is not the mesh's",
			m.Name, math.Exp(base), math.Exp(arm))
	}
	return ""
}

// unfit says why a cell of a report must not be judged; empty if it may.
func (s sides) unfit(x report.Index, at v1alpha1.Address) string {
	c, ok := x.Cell(at)
	all := float64(c.Requests + c.Errors)
	switch {
	case !ok:
		return fmt.Sprintf("one of the reports has nothing of %s", at.Arm)
	case c.Void:
		return fmt.Sprintf("%s is void in one of the reports", at.Arm) + s.voided(at)
	case c.Overloaded:
		return fmt.Sprintf("%s was overloaded in one of the reports", at.Arm)
	case float64(c.Errors-c.Faults) > failedLimit*all:
		return fmt.Sprintf("%.3g %% of the requests of %s failed in one of the reports, and more than %g %% is not judged",
			100*float64(c.Errors-c.Faults)/all, at.Arm, 100*failedLimit)
	case s.copied[at]:
		return fmt.Sprintf("two reports have identical histograms of %s: one is a copy", at.Arm)
	}
	return ""
}

// voided is the finding that voids a cell, to follow a sentence.
func (s sides) voided(at v1alpha1.Address) string {
	for _, f := range s.findings {
		if f.Severity == v1alpha1.SeverityVoid && f.Trial == "" && f.Covers(at) {
			return ": " + f.Code + ": " + f.Evidence
		}
	}
	return ""
}

// spoils reports whether a finding leaves nothing to judge between two reports.
// One that voids a single trial does not: the other rounds are judged. A
// generator at its limit is a warning within a report, where both arms suffer.
func spoils(f v1alpha1.Finding) bool {
	return f.Severity == v1alpha1.SeverityVoid && f.Trial == "" || f.Code == "client-cpu-limit"
}

// paths says where the requests of an arm took another path in another report.
func (s sides) paths(arm string) string {
	var known v1alpha1.Path
	for _, path := range s.path[arm] {
		switch {
		case path == "" || path == v1alpha1.PathUnknown || path == known:
		case known == "":
			known = path
		default:
			return fmt.Sprintf("the path of %s through the mesh is %q in one report and %q in another", arm, known, path)
		}
	}
	return ""
}

// moved is the logarithm of what a metric of a cell is after / before, the mean of
// each side; 0 where it is not known.
func (s sides) moved(at v1alpha1.Address, m v1alpha1.Metric) float64 {
	mean := func(side []report.Index) float64 {
		var sum float64
		for _, x := range side {
			c, _ := x.Cell(at)
			v, ok := report.Value(c, m)
			if !ok || v.Value == nil || !(*v.Value > 0) {
				return math.NaN()
			}
			sum += math.Log(*v.Value)
		}
		return sum / float64(len(side))
	}
	if d := mean(s.after) - mean(s.before); !math.IsNaN(d) {
		return d
	}
	return 0
}

// baselines says where the baseline's own figures moved.
func (s sides) baselines() []string {
	var out []string
	baseline := s.before[0].Baseline().Name
	for _, c := range s.cells {
		for _, m := range metric.Leading() {
			if c.Arm != baseline || !s.first(c.Address, m.Name) {
				continue
			}
			if d := s.moved(c.Address, m.Name); math.Abs(d) > math.Log1p(movedShare) {
				out = append(out, fmt.Sprintf("the baseline itself moved: its %s in %s, %s, is %.3g x what it was", m.Name,
					c.Experiment, c.Level, math.Exp(d)))
			}
		}
	}
	return out
}
