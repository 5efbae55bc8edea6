package gate

import (
	"cmp"
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
			if hidden := s.hiddenBy(c); v.Result == v1alpha1.VerdictPass && hidden != "" {
				v.Result, v.Evidence = v1alpha1.VerdictInconclusive, v.Evidence+hidden
			}
			verdicts = append(verdicts, v)
		}
	}
	return verdicts, nil
}

// hiddenBy says why a percentile that keeps an upper bound proves nothing.
func (s SLO) hiddenBy(c v1alpha1.Cell) string {
	if !s.Hidden(c.Requests, c.Errors) {
		return ""
	}
	return fmt.Sprintf(", but %.3g %% of the requests failed, so that %s of all of them is not known",
		100*float64(c.Errors)/float64(c.Requests+c.Errors), s.Metric)
}

// Hidden reports whether so many requests failed that an upper bound of a
// percentile may be broken though the answered ones keep it: more than may lie
// above the percentile.
func (s SLO) Hidden(answered, failed int64) bool {
	m, _ := metric.Find(s.Metric)
	return m.Quantile > 0 && !s.Above && float64(failed) > m.Above()*float64(answered+failed)
}

// estimate is what the objective is about, or why there is none.
func (s SLO) estimate(x report.Index, c v1alpha1.Cell) (estimate *v1alpha1.Estimate, why string) {
	if c.Void {
		return nil, "the cell is void"
	}
	if !s.Relative {
		return s.absolute(c)
	}
	compared, ok := x.Comparison(c.Address, s.Metric)
	switch {
	case !ok:
		return nil, "no data"
	case compared.Evidence == v1alpha1.EvidenceVoid:
		return nil, "the comparison is void"
	case compared.Ratio == nil:
		return nil, "there is no ratio to the baseline"
	}
	return compared.Ratio, ""
}

// absolute is the estimate of the arm's own figure.
func (s SLO) absolute(c v1alpha1.Cell) (estimate *v1alpha1.Estimate, why string) {
	v, ok := report.Value(c, s.Metric)
	if !ok || v.Missing != "" || v.Value == nil {
		return nil, cmp.Or(v.Missing, "no data")
	}
	var xs []float64
	for _, one := range v.PerRound {
		xs = append(xs, one.Value)
	}
	if len(xs) == 0 { // all rounds together have enough requests, none alone has
		return &v1alpha1.Estimate{Value: *v.Value}, ""
	}
	e := stats.MeanInterval(xs)
	if m, _ := metric.Find(s.Metric); e.Low != nil && !m.Signed {
		low := max(*e.Low, 0)
		e.Low = &low
	}
	if s.Metric == v1alpha1.MetricErrors {
		e = s.share(e, c)
	}
	return &e, ""
}

// share is the estimate of a share of failed requests.
// Rounds without any failure agree, but not because there is none to be seen: of
// n requests, a share up to 1 - 0.025^(1/n) fails none in one of forty runs
// (Clopper and Pearson 1934). A bound of 0 asks what was seen, no more.
func (s SLO) share(e v1alpha1.Estimate, c v1alpha1.Cell) v1alpha1.Estimate {
	const unseen = 0.025
	switch {
	case s.Bound == 0 && c.Errors > 0:
		return v1alpha1.Estimate{Value: e.Value, Low: &e.Value, High: &e.Value}
	case s.Bound == 0 || e.Low == nil:
		return e
	}
	high := *e.High
	if c.Errors == 0 && c.Requests > 0 {
		high = -math.Expm1(math.Log(unseen) / float64(c.Requests))
	}
	return v1alpha1.Estimate{Value: e.Value, Low: e.Low, High: &high}
}

func (s SLO) judge(e *v1alpha1.Estimate, why string) (v1alpha1.VerdictResult, string) {
	if e == nil {
		return v1alpha1.VerdictInconclusive, why
	}
	what := fmt.Sprintf("%s is %s", s.Metric, s.text(e.Value))
	if e.Low == nil || e.High == nil {
		return v1alpha1.VerdictInconclusive, what + fmt.Sprintf(", with fewer than %d rounds for an interval", stats.MinPairs)
	}
	what += fmt.Sprintf(" [%s, %s]", s.text(*e.Low), s.text(*e.High))
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
	case v1alpha1.UnitCPUPer1000:
		return fmt.Sprintf("%.4g ms for 1,000 requests", v)
	default:
		return fmt.Sprintf("%.4g ms", 1e3*v)
	}
}
