package analyse

import (
	"cmp"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/core/resource"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// used is what the parts of one usable trial used.
type used struct {
	trial v1alpha1.Trial
	use   resource.Use
}

// present are the parts that a report has anything to say of. Most meshes have
// no waypoint, and a report of an older release has no resources at all.
func present(r v1alpha1.Report) []v1alpha1.CostPart {
	seen := map[v1alpha1.CostPart]bool{}
	measured := false
	for _, t := range r.Trials {
		if t.Resources == nil {
			continue
		}
		measured = true
		use := resource.Of(t.Resources, resource.IdleOf(r, t))
		for _, p := range resource.Parts() {
			seen[p] = seen[p] || !use.Cores[p].None
		}
	}
	var out []v1alpha1.CostPart
	for _, p := range resource.Parts() {
		if measured && seen[p] {
			out = append(out, p)
		}
	}
	return out
}

// amountOf is one kind of figure of a part in a trial.
type amountOf func(used, v1alpha1.CostPart) resource.Amount

// costs adds what the parts used to the cell's metrics.
func (c *cell) costs(r v1alpha1.Report, parts []v1alpha1.CostPart) {
	var all []used
	for _, one := range c.rounds {
		all = append(all, used{one.trial, resource.Of(one.trial.Resources, resource.IdleOf(r, one.trial))})
	}
	c.none, c.idle = map[v1alpha1.Metric]bool{}, map[v1alpha1.Metric]subtracted{}
	of := map[metric.Kind]amountOf{
		metric.CPU:        cpuPer1000,
		metric.Cores:      func(u used, p v1alpha1.CostPart) resource.Amount { return u.use.Cores[p] },
		metric.MemoryMean: func(u used, p v1alpha1.CostPart) resource.Amount { return u.use.MemoryMean[p] },
		metric.MemoryMax:  func(u used, p v1alpha1.CostPart) resource.Amount { return u.use.MemoryMax[p] },
	}
	for _, k := range metric.Kinds() {
		for _, p := range parts {
			m, ok := metric.Cost(k, p)
			if !ok {
				continue
			}
			v, none := amounts(m, all, func(u used) resource.Amount { return of[k](u, p) })
			c.none[m.Name] = none
			c.idle[m.Name] = takenOff(all, func(u used) resource.Amount { return of[k](u, p) })
			c.summary = append(c.summary, v)
		}
	}
	c.unsplit(all, of)
}

// belowZero is how much of the total what is left may lack: that much is samples
// that do not fall on the window's edges.
const belowZero = 0.01

// overspent is a cost whose parts are more than its total, in cores.
type overspent struct {
	// cores are how much more, total is what the nodes used beyond their use without
	// load, and idle is that use.
	cores, total, idle float64
}

// explained reports whether nodes that used less under load than without can be why.
func (o overspent) explained() bool { return o.cores <= o.idle }

// unsplit takes the total, and what of it is left, from a cell whose parts come to
// more than that. If the use without load that was taken off is as large, the nodes'
// own use may have fallen under load, as it does where little CPU is left: the total
// is then at least its parts. If not, one of the sources is wrong.
func (c *cell) unsplit(all []used, of map[metric.Kind]amountOf) {
	left, total := meanOf(c.values(v1alpha1.Cores(v1alpha1.CostUnattributed))),
		meanOf(c.values(v1alpha1.Cores(v1alpha1.CostTotal)))
	if !(left < 0 && -left > belowZero*max(total, 0)) { // false of NaN
		return
	}
	idle := c.idle[v1alpha1.Cores(v1alpha1.CostTotal)].idle
	c.overspent = &overspent{cores: -left, total: total, idle: idle}
	for _, k := range metric.Kinds() {
		for _, p := range []v1alpha1.CostPart{v1alpha1.CostTotal, v1alpha1.CostUnattributed} {
			m, ok := metric.Cost(k, p)
			if !ok {
				continue
			}
			for i, v := range c.summary {
				if v.Metric == m.Name {
					c.summary[i] = v1alpha1.MetricValue{Metric: v.Metric, Unit: v.Unit, Missing: resource.Overspent}
				}
			}
		}
	}
	if c.overspent.explained() {
		for _, k := range []metric.Kind{metric.CPU, metric.Cores} {
			c.atLeast(k, all, of[k])
		}
	}
}

// atLeast makes the parts of a cell's total a lower bound of it: the mean over those
// rounds that have a total. There is none where no round has one, as without any
// answered request, or where the parts come to nothing.
func (c *cell) atLeast(k metric.Kind, all []used, of amountOf) {
	m, _ := metric.Cost(k, v1alpha1.CostTotal)
	var bounds []float64
	for _, u := range all {
		if of(u, v1alpha1.CostUnattributed).Value != nil {
			bounds = append(bounds, resource.Charged(func(p v1alpha1.CostPart) resource.Amount { return of(u, p) }))
		}
	}
	bound := stats.Mean(bounds)
	if !(bound > 0) { // true of NaN
		return
	}
	for i := range c.summary {
		if c.summary[i].Metric == m.Name {
			c.summary[i].AtLeast = &bound
		}
	}
}

// cpuPer1000 is cores x window / requests, in milliseconds for 1,000 requests.
func cpuPer1000(u used, p v1alpha1.CostPart) resource.Amount {
	a := u.use.Cores[p]
	if a.Value == nil {
		return a
	}
	if u.trial.Load.Requests == 0 {
		return resource.Amount{Missing: "no request was answered"}
	}
	const thousand, milliseconds = 1000, 1000
	scale := u.trial.Window.Seconds * milliseconds * thousand / float64(u.trial.Load.Requests)
	v := *a.Value * scale
	return resource.Amount{Value: &v, Idle: a.Idle * scale, Shared: a.Shared * scale}
}

// amounts is a metric whose value is the mean over those rounds that have one;
// none is set if nothing of the kind existed in any round.
func amounts(m metric.Metric, all []used, of func(used) resource.Amount) (out v1alpha1.MetricValue, none bool) {
	out = v1alpha1.MetricValue{Metric: m.Name, Unit: m.Unit}
	none = len(all) > 0
	var values []float64
	for _, u := range all {
		a := of(u)
		none = none && a.None
		if a.Value == nil {
			out.Missing = cmp.Or(out.Missing, a.Missing)
			continue
		}
		out.PerRound = append(out.PerRound, v1alpha1.RoundValue{Round: u.trial.Round, Value: *a.Value})
		values = append(values, *a.Value)
	}
	if len(values) == 0 {
		out.Missing = cmp.Or(out.Missing, "no data")
		return out, none
	}
	mean := stats.Mean(values)
	out.Value, out.Missing = &mean, ""
	return out, none
}

// against are a metric's values in each round for a comparison. Where nothing
// of the kind exists, the other arm's figure is the whole difference: each
// round counts as 0 there, which gives a difference and no ratio.
func (c *cell) against(m v1alpha1.Metric) []v1alpha1.RoundValue {
	if !c.none[m] {
		return c.values(m)
	}
	var zeros []v1alpha1.RoundValue
	for _, r := range c.rounds {
		zeros = append(zeros, v1alpha1.RoundValue{Round: r.trial.Round})
	}
	return zeros
}
