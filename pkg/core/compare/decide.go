package compare

import (
	"cmp"
	"math"

	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

const (
	// leastShare is the least relevant change of a share of requests, such as errors.
	leastShare = 0.001
	// wrongOneSided is in how many gates of a hundred each of the answers may be
	// wrong: one end of a 95 % interval, so that no answer contradicts the interval.
	wrongOneSided = 0.025
	// firstWeight of the error belongs to what is asked first.
	firstWeight = 0.8
)

// decide gives each change that has a shift its word. Each of the three answers
// is wrong somewhere in at most 2.5 % of gates, whatever the number of tests
// (weighted Holm): a regression or an improvement is a shift that is surely beyond
// the least relevant change, and equivalence one that is surely within it on both
// sides (two one-sided tests, Schuirmann 1987).
func decide(all []Change, minChange float64) (tests int) {
	var worse, better, same []stats.Test
	var at, classes []int
	for i, c := range all {
		if c.shift != nil {
			at, classes = append(at, i), append(classes, map[bool]int{true: 0, false: 1}[c.first])
		}
	}
	for k, weight := range stats.Shares(classes, firstWeight, 1-firstWeight) {
		c := all[at[k]]
		m, _ := metric.Find(c.Metric)
		least := math.Log1p(minChange)
		if m.ByDifference() {
			least = cmp.Or(m.LeastChange, leastShare)
		}
		up, down := c.shift.Above(least), c.shift.Below(-least)
		if m.MoreIsBetter {
			up, down = down, up
		}
		within := max(c.shift.Below(least), c.shift.Above(-least))
		worse = append(worse, stats.Test{P: up, Weight: weight})
		better = append(better, stats.Test{P: down, Weight: weight})
		same = append(same, stats.Test{P: within, Weight: weight})
	}
	ups, downs, withins := stats.Holm(worse), stats.Holm(better), stats.Holm(same)
	for k, i := range at {
		switch {
		case ups[k] <= wrongOneSided:
			all[i].Word = Regression
		case downs[k] <= wrongOneSided:
			all[i].Word = Improvement
		case withins[k] <= wrongOneSided:
			all[i].Word = Equivalent
		default:
			all[i].Word = Undecided
		}
	}
	return len(at)
}
