package render

import (
	"encoding/csv"
	"io"
	"strconv"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/term"
)

// writeCSV writes one observation a row: one metric of one arm in one round.
func writeCSV(out io.Writer, r v1alpha1.Report, _ term.Style) error {
	roles, planes := map[string]v1alpha1.Role{}, map[string]v1alpha1.DataPlane{}
	for _, a := range r.Arms {
		roles[a.Name] = a.Role
		if a.DataPlane != nil {
			planes[a.Name] = *a.DataPlane
		}
	}
	w := csv.NewWriter(out)
	if err := w.Write([]string{"run", "experiment", "level", "arm", "role", "void", "round", "metric", "unit", "value", "mesh", "path", "mtls"}); err != nil {
		return err
	}
	for _, c := range r.Cells {
		for _, v := range c.Values {
			for _, one := range v.PerRound {
				err := w.Write([]string{
					r.Run.ID, c.Experiment, c.Level, c.Arm, string(roles[c.Arm]), strconv.FormatBool(c.Void),
					strconv.Itoa(one.Round), string(v.Metric), string(v.Unit), strconv.FormatFloat(one.Value, 'g', -1, 64),
					planes[c.Arm].Mesh, string(planes[c.Arm].Path), string(planes[c.Arm].MTLS),
				})
				if err != nil {
					return err
				}
			}
		}
	}
	w.Flush()
	return w.Error()
}
