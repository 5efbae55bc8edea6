package data

import (
	"slices"
	"strings"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
)

// paired are the baseline's values that those of a cell are set against, by
// metric and round; nil where there is nothing to compare.
type paired map[v1alpha1.Metric]map[int]float64

// pairedWith finds them; no cell is compared that is void, or whose baseline is.
func pairedWith(x report.Index, c v1alpha1.Cell) paired {
	at := c.Of(x.Baseline().Name)
	base, ok := x.Cell(at)
	if !ok || at == c.Address || c.Void || base.Void {
		return nil
	}
	all := paired{}
	for _, v := range base.Values {
		all[v.Metric] = map[int]float64{}
		for _, r := range v.PerRound {
			all[v.Metric][r.Round] = r.Value
		}
	}
	return all
}

// cells are the ratio and the difference of a round; there is no ratio to 0.
func (p paired) cells(m v1alpha1.Metric, r v1alpha1.RoundValue) []string {
	base, ok := p[m][r.Round]
	switch {
	case !ok:
		return []string{"", ""}
	case base <= 0 || r.Value <= 0:
		return []string{"", exact(r.Value - base)}
	}
	return []string{exact(r.Value / base), exact(r.Value - base)}
}

// trialCells say by round which trial a value is from, when its window began and
// on which nodes its load was.
func trialCells(trials []v1alpha1.Trial) map[int][]string {
	all := make(map[int][]string, len(trials))
	for i := range trials {
		t := &trials[i]
		var nodes []string
		for _, p := range t.Pods {
			if p.Node != "" && !slices.Contains(nodes, p.Node) {
				nodes = append(nodes, p.Node)
			}
		}
		all[t.Round] = []string{harmless(t.ID), t.Window.StartedAt.UTC().Format(time.RFC3339Nano),
			harmless(strings.Join(nodes, " "))}
	}
	return all
}
