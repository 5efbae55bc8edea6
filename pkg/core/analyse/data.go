package analyse

import (
	"errors"
	"fmt"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
)

// data is a report arranged for analysis: every trial in its cell.
type data struct {
	report      v1alpha1.Report
	baseline    v1alpha1.Arm
	cells       []*cell // by experiment, level, arm, in the order of the report
	byAddress   map[v1alpha1.Address]*cell
	searches    []*searched
	ceilings    []v1alpha1.Ceiling
	sessions    []v1alpha1.Session
	comparisons []v1alpha1.Comparison
}

// cell is what is known of one arm at one level of one experiment.
type cell struct {
	at         v1alpha1.Address
	experiment v1alpha1.Experiment
	level      v1alpha1.Level
	arm        v1alpha1.Arm
	// trials are all that belong here, void ones included, in order.
	trials []v1alpha1.Trial
	// rounds are the usable trials, one per round at most, by round.
	rounds []round
	// unreadable are trials whose histogram cannot be used, with the reason.
	unreadable []unreadable
	// impossible says which trial no worker can have measured; empty if none.
	impossible string
	summary    []v1alpha1.MetricValue
	// overloaded cells did not reach the rate of their level.
	overloaded bool
	// none are the metrics of things that this arm does not have.
	none map[v1alpha1.Metric]bool
	// overspent is by how much the parts of the cost exceed the total; nil if they do
	// not.
	overspent *overspent
	// idle is what costs had taken off.
	idle map[v1alpha1.Metric]subtracted
}

type unreadable struct {
	trial  v1alpha1.Trial
	reason error
}

// disturbed reports whether the targets of the cell are disturbed on purpose.
func (c *cell) disturbed() bool { return c.experiment.Spec.Disturbance != nil }

// values are the value of a metric in each round that has one.
func (c *cell) values(m v1alpha1.Metric) []v1alpha1.RoundValue {
	for _, v := range c.summary {
		if v.Metric == m {
			return v.PerRound
		}
	}
	return nil
}

// arrange sorts the trials into the planned cells and summarises each.
func arrange(in Input) (*data, error) {
	d := &data{report: in.Report, byAddress: map[v1alpha1.Address]*cell{}}
	var baselines int
	for _, a := range in.Report.Arms {
		if a.Role == v1alpha1.RoleBaseline {
			if baselines == 0 {
				d.baseline = a
			}
			baselines++
		}
	}
	if baselines == 0 {
		return nil, errors.New("no arm is the baseline")
	}
	for _, e := range in.Report.Experiments {
		levels := in.Levels[e.Metadata.Name]
		if len(levels) == 0 {
			return nil, fmt.Errorf("experiment %s has no levels", e.Metadata.Name)
		}
		for _, l := range levels {
			for _, a := range experiment.Arms(e, in.Report.Arms) {
				if e.Spec.Search != nil {
					s, err := newSearched(e, l, a)
					if err != nil {
						return nil, err
					}
					d.searches = append(d.searches, s)
					continue
				}
				c := &cell{at: v1alpha1.Address{Experiment: e.Metadata.Name, Level: l.ID, Arm: a.Name}, experiment: e, level: l,
					arm: a}
				if d.byAddress[c.at] != nil {
					return nil, fmt.Errorf("experiment %s, level %s, arm %s is there twice", c.at.Experiment, c.at.Level, c.at.Arm)
				}
				d.byAddress[c.at] = c
				d.cells = append(d.cells, c)
			}
		}
	}
	for _, t := range in.Report.Trials {
		if s := d.searchAt(t.Cell()); s != nil {
			s.trials = append(s.trials, t)
			continue
		}
		c := d.byAddress[t.Cell()]
		if c == nil {
			return nil, fmt.Errorf("trial %s belongs to no planned experiment, level and arm", t.ID)
		}
		c.trials = append(c.trials, t)
	}
	parts, overlaps := present(in.Report), overlapping(in.Report.Trials)
	for _, c := range d.cells {
		c.impossible = impossibleIn(c.trials, c.level.Rate, overlaps)
		c.summarise()
		c.costs(in.Report, parts)
	}
	for _, s := range d.searches {
		s.impossible = impossibleIn(s.trials, v1alpha1.RateMax, overlaps)
		s.conclude(in.Report.Run.Interrupted)
	}
	d.ceilings, d.sessions = ceilings(d), report.Sessions(in.Report.Trials)
	return d, nil
}
