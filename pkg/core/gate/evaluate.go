package gate

import (
	"fmt"
	"math"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// Evaluate holds every meshed arm at every level to each objective of its
// experiment, and to those that apply to all. Only a 95 % interval that lies
// wholly on one side decides.
func Evaluate(r v1alpha1.Report, all []SLO) ([]v1alpha1.Verdict, error) {
	index := report.IndexOf(r)
	own := map[string][]SLO{}
	for _, e := range r.Experiments {
		own[e.Metadata.Name] = append([]SLO(nil), all...)
		for _, text := range e.Spec.SLOs {
			s, err := Parse(text)
			if err != nil {
				return nil, err
			}
			own[e.Metadata.Name] = append(own[e.Metadata.Name], s)
		}
	}
	var verdicts []v1alpha1.Verdict
	for _, c := range r.Cells {
		if index.Role(c.Arm) != v1alpha1.RoleMeshed {
			continue
		}
		for _, s := range own[c.Experiment] {
			v := v1alpha1.Verdict{SLO: s.Text, Address: c.Address}
			estimate, why := s.estimate(index, c)
			v.Result, v.Evidence = s.judge(estimate, why)
			if hidden := s.overloadHides(c); v.Result == v1alpha1.VerdictPass && hidden != "" {
				v.Result, v.Evidence = v1alpha1.VerdictInconclusive, v.Evidence+hidden
			}
			if stopped := stoppedIn(r); v.Result == v1alpha1.VerdictPass && stopped != "" {
				v.Result, v.Evidence = v1alpha1.VerdictInconclusive, v.Evidence+", but load stopped itself in trial "+stopped
			}
			verdicts = append(verdicts, v)
		}
	}
	return verdicts, nil
}

// stoppedIn is the trial in which load on a user's Service stopped itself, which ended
// the run; empty if none did. Such a run passes nothing.
func stoppedIn(r v1alpha1.Report) string {
	for _, t := range r.Trials {
		if t.Stopped != nil {
			return t.ID
		}
	}
	return ""
}

// overloadHides says why what a level shows that was not reached keeps no bound.
func (s SLO) overloadHides(c v1alpha1.Cell) string {
	if !c.Overloaded || s.Metric == v1alpha1.MetricThroughput {
		return ""
	}
	return ", but the level did not reach its rate (overloaded)"
}

// estimate is what the objective is about, or why there is none.
func (s SLO) estimate(x report.Index, c v1alpha1.Cell) (estimate *v1alpha1.Estimate, why string) {
	if c.Void {
		return nil, "the cell is void"
	}
	if !s.Relative {
		return s.absolute(x, c)
	}
	compared, ok := x.Comparison(c.Address, s.Metric)
	switch {
	case !ok:
		return nil, "no data"
	case compared.Conclusion == v1alpha1.ConclusionVoid:
		return nil, "the comparison is void"
	case compared.Conclusion == v1alpha1.ConclusionOverloaded:
		return nil, "the level did not reach its rate in one of the two arms (overloaded)"
	case compared.Conclusion == v1alpha1.ConclusionBound:
		return nil, fmt.Sprintf("too many requests had no answer: %s is only known to be above something", s.Metric)
	case compared.Ratio == nil && isShare(s.Metric):
		return nil, fmt.Sprintf("%s are compared by differences, which are no multiple of the baseline: "+
			"give the bound %s", s.Metric, ownUnit(s.Metric))
	case compared.Ratio == nil:
		return nil, "there is no ratio to the baseline"
	}
	return compared.Ratio, ""
}

func isShare(name v1alpha1.Metric) bool {
	m, _ := metric.Find(name)
	return m.ByDifference()
}

// ownUnit says how a bound on what is compared by differences is given.
func ownUnit(name v1alpha1.Metric) string {
	switch m, _ := metric.Find(name); m.Unit {
	case v1alpha1.UnitRatio:
		return "in percent"
	case v1alpha1.UnitSeconds:
		return "as a duration"
	default:
		return "as a number"
	}
}

func (s SLO) judge(e *v1alpha1.Estimate, why string) (v1alpha1.VerdictResult, string) {
	if e == nil {
		return v1alpha1.VerdictInconclusive, why
	}
	what := fmt.Sprintf("%s is %s", s.Metric, s.text(e.Value))
	if e.Low == nil || e.High == nil {
		return v1alpha1.VerdictInconclusive, what + fmt.Sprintf(", with fewer than %d rounds for an interval", stats.MinPairs)
	}
	if math.IsInf(*e.High, 1) {
		what = fmt.Sprintf("%s is above %s in all rounds together, how far is not known: too many requests had no answer",
			s.Metric, s.text(*e.Low))
	} else {
		what += fmt.Sprintf(" [%s, %s]", s.text(*e.Low), s.text(*e.High))
	}
	switch low, high := s.Holds(*e.Low), s.Holds(*e.High); {
	case low && high:
		return v1alpha1.VerdictPass, what
	case !low && !high:
		return v1alpha1.VerdictFail, what
	default:
		return v1alpha1.VerdictInconclusive, what + ": the interval crosses the bound"
	}
}

// Holds reports whether a value, in the unit of Bound, keeps the objective.
func (s SLO) Holds(v float64) bool {
	switch {
	case v == s.Bound:
		return s.OrEqual
	case s.Above:
		return v > s.Bound
	default:
		return v < s.Bound
	}
}

func (s SLO) text(v float64) string {
	if s.Relative {
		return fmt.Sprintf("%.3g x baseline", v)
	}
	m, _ := metric.Find(s.Metric)
	switch m.Unit {
	case v1alpha1.UnitPerSecond:
		return fmt.Sprintf("%.4g/s", v)
	case v1alpha1.UnitRatio:
		return fmt.Sprintf("%.3g %%", 100*v)
	case v1alpha1.UnitRequests:
		return fmt.Sprintf("%.4g", v)
	case v1alpha1.UnitTimes:
		return fmt.Sprintf("%.4g received for each one sent", v)
	case v1alpha1.UnitCPUPer1000:
		return fmt.Sprintf("%.4g ms for 1,000 requests", v)
	default:
		return fmt.Sprintf("%.4g ms", 1e3*v)
	}
}
