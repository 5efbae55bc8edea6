package report

import (
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Index finds the parts of a report by their address. Of two parts with one
// address, which only a report that was tampered with has, it finds the first.
type Index struct {
	baseline    v1alpha1.Arm
	roles       map[string]v1alpha1.Role
	cells       map[v1alpha1.Address]v1alpha1.Cell
	comparisons map[v1alpha1.Address][]v1alpha1.Comparison
	searches    map[v1alpha1.Address]v1alpha1.SearchResult
	ceilings    map[v1alpha1.Address]v1alpha1.Ceiling
	trials      map[v1alpha1.Address][]v1alpha1.Trial
}

// IndexOf arranges a report.
func IndexOf(r v1alpha1.Report) Index {
	x := Index{
		roles:       map[string]v1alpha1.Role{},
		cells:       map[v1alpha1.Address]v1alpha1.Cell{},
		comparisons: map[v1alpha1.Address][]v1alpha1.Comparison{},
		searches:    map[v1alpha1.Address]v1alpha1.SearchResult{},
		ceilings:    map[v1alpha1.Address]v1alpha1.Ceiling{},
		trials:      map[v1alpha1.Address][]v1alpha1.Trial{},
	}
	if i := slices.IndexFunc(r.Arms, func(a v1alpha1.Arm) bool { return a.Role == v1alpha1.RoleBaseline }); i >= 0 {
		x.baseline = r.Arms[i]
	}
	for _, a := range r.Arms {
		x.roles[a.Name] = a.Role
	}
	for _, c := range r.Cells {
		first(x.cells, c.Address, c)
	}
	for _, c := range r.Comparisons {
		x.comparisons[c.Address] = append(x.comparisons[c.Address], c)
	}
	for _, s := range r.Searches {
		first(x.searches, s.Address, s)
	}
	for _, c := range r.Ceilings {
		first(x.ceilings, v1alpha1.Address{Experiment: c.Experiment, Level: c.Level}, c)
	}
	usable := map[v1alpha1.Address]int{}
	for _, t := range r.Trials {
		if t.Usable() {
			usable[t.Cell()]++
		}
	}
	for at, n := range usable {
		x.trials[at] = make([]v1alpha1.Trial, 0, n)
	}
	for _, t := range r.Trials {
		if t.Usable() {
			x.trials[t.Cell()] = inRound(x.trials[t.Cell()], t)
		}
	}
	return x
}

func first[V any](m map[v1alpha1.Address]V, at v1alpha1.Address, v V) {
	if _, have := m[at]; !have {
		m[at] = v
	}
}

// inRound puts a trial where its round belongs. Trials are nearly always in
// order, so it looks from the end.
func inRound(all []v1alpha1.Trial, t v1alpha1.Trial) []v1alpha1.Trial {
	i := len(all)
	for i > 0 && all[i-1].Round > t.Round {
		i--
	}
	if i > 0 && all[i-1].Round == t.Round {
		all[i-1] = t
		return all
	}
	return slices.Insert(all, i, t)
}

// Baseline is the arm that the others are compared to.
func (x Index) Baseline() v1alpha1.Arm { return x.baseline }

// Role is that of an arm; empty of an arm that the report does not have.
func (x Index) Role(arm string) v1alpha1.Role { return x.roles[arm] }

// Cell is the summary of a cell.
func (x Index) Cell(at v1alpha1.Address) (c v1alpha1.Cell, ok bool) {
	c, ok = x.cells[at]
	return c, ok
}

// Comparison sets a metric of a cell against the baseline of the same level.
func (x Index) Comparison(at v1alpha1.Address, m v1alpha1.Metric) (c v1alpha1.Comparison, ok bool) {
	for _, c := range x.comparisons[at] {
		if c.Metric == m {
			return c, true
		}
	}
	return v1alpha1.Comparison{}, false
}

// Search is what a search found for a cell.
func (x Index) Search(at v1alpha1.Address) (s v1alpha1.SearchResult, ok bool) {
	s, ok = x.searches[at]
	return s, ok
}

// Ceiling bounds the throughput of all arms at the level of a cell.
func (x Index) Ceiling(at v1alpha1.Address) (c v1alpha1.Ceiling, ok bool) {
	c, ok = x.ceilings[at.Of("")]
	return c, ok
}

// Trials are the usable trials of a cell, one a round and by round: of several
// attempts the last counts. Those of a search are one a step.
func (x Index) Trials(at v1alpha1.Address) []v1alpha1.Trial { return x.trials[at] }

// Value is one metric of a cell.
func Value(c v1alpha1.Cell, m v1alpha1.Metric) (v v1alpha1.MetricValue, ok bool) {
	for _, v := range c.Values {
		if v.Metric == m {
			return v, true
		}
	}
	return v1alpha1.MetricValue{}, false
}
