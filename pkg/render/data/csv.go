package data

import (
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/factor"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
)

// CSV writes one observation a row: one metric of one arm in one round,
// in the unit that stands beside it, with the settings of its level in columns
// of their own; a closed loop has no rate. Ratio and difference are to the
// baseline of the same round: the intervals of a report are made of them.
func CSV(out io.Writer, r v1alpha1.Report, _ term.Style) error {
	roles, planes := map[string]v1alpha1.Role{}, map[string]v1alpha1.DataPlane{}
	for _, a := range r.Arms {
		roles[a.Name] = a.Role
		if a.DataPlane != nil {
			planes[a.Name] = *a.DataPlane
		}
	}
	w := csv.NewWriter(out)
	head := []string{"run", "experiment", "level"}
	factors := factor.All()
	for _, f := range factors {
		head = append(head, f.Column())
	}
	if err := w.Write(append(head, "arm", "role", "void", "round", "metric", "unit", "value",
		"mesh", "path", "mtls", "trial", "startedAt", "nodes", "ratio", "difference")); err != nil {
		return err
	}
	levels, index := levelsOf(r), report.IndexOf(r)
	rows := func(at v1alpha1.Address, void bool) rowWriter {
		l, plane := levels[at.Experiment][at.Level], planes[at.Arm]
		before := []string{harmless(r.Run.ID), harmless(at.Experiment), harmless(at.Level)}
		for _, f := range factors {
			before = append(before, harmless(f.Cell(l)))
		}
		before = append(before, harmless(at.Arm), harmless(string(roles[at.Arm])), strconv.FormatBool(void))
		after := []string{harmless(plane.Mesh), harmless(string(plane.Path)), harmless(string(plane.MTLS))}
		return rowWriter{w: w, before: before, after: after}
	}
	for _, c := range r.Cells {
		row := rows(c.Address, c.Void)
		trials := index.Trials(c.Address)
		from, baseline := trialCells(trials), pairedWith(index, c)
		for _, v := range c.Values {
			for _, one := range v.PerRound {
				more := []string{"", "", ""}
				if at, ok := from[one.Round]; ok {
					more = at
				}
				more = slices.Concat(more, baseline.cells(v.Metric, one))
				if err := row.write(strconv.Itoa(one.Round), observation{v.Metric, v.Unit, one.Value}, more...); err != nil {
					return err
				}
			}
		}
		for _, t := range trials {
			for _, one := range usageOf(t) {
				if err := row.write(strconv.Itoa(t.Round), one, from[t.Round]...); err != nil {
					return err
				}
			}
		}
	}
	for _, s := range r.Searches {
		// A search has no rounds: each of its trials is a step that led to the ends.
		ends := []bound{{"holds", s.HoldsAt}, {"fails", s.FailsAt}}
		for _, b := range limitBounds(s) {
			ends = append(ends, bound{"limit-" + b.name, b.rate})
		}
		row := rows(s.Address, !s.Conclusive)
		for _, end := range ends {
			if end.rate == nil {
				continue
			}
			if err := row.write("", observation{v1alpha1.Metric("max-rate-" + end.name),
				v1alpha1.UnitPerSecond, *end.rate}); err != nil {
				return err
			}
		}
	}
	w.Flush()
	return w.Error()
}

// rowWriter writes rows of one cell: what they have in common is made once.
type rowWriter struct {
	w                    *csv.Writer
	before, after, cells []string
}

// write writes a row; more are its last cells, of which those may be left out that
// are empty.
func (r *rowWriter) write(round string, o observation, more ...string) error {
	const last = 5
	r.cells = append(r.cells[:0], r.before...)
	r.cells = append(r.cells, round, harmless(string(o.metric)), harmless(string(o.unit)), exact(o.value))
	r.cells = append(r.cells, r.after...)
	r.cells = append(r.cells, more...)
	for range last - len(more) {
		r.cells = append(r.cells, "")
	}
	return r.w.Write(r.cells)
}

// exact writes a number so that reading it gives the same one.
func exact(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// harmless keeps a spreadsheet from taking a name for a formula.
func harmless(text string) string {
	text = term.Clean(text)
	if start := strings.TrimSpace(text); start != "" && strings.ContainsAny(start[:1], "=+-@") {
		return "'" + text
	}
	return text
}

// levelsOf finds a level by its experiment's name and its own id.
func levelsOf(r v1alpha1.Report) map[string]map[string]v1alpha1.Level {
	levels := map[string]map[string]v1alpha1.Level{}
	for _, e := range r.Experiments {
		levels[e.Metadata.Name] = map[string]v1alpha1.Level{}
		for _, l := range experiment.Levels(e) {
			levels[e.Metadata.Name][l.ID] = l
		}
	}
	return levels
}
