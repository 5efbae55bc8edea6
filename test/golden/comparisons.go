package golden

import (
	"bytes"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/compare"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

// WriteComparison is a format of a comparison of reports.
type WriteComparison = func(io.Writer, compare.Result, term.Style) error

// ComparisonFormats holds formats, by name, to a file for each comparison.
func ComparisonFormats(t *testing.T, formats map[string]WriteComparison) {
	t.Helper()
	for name, result := range Comparisons(t) {
		for format, write := range formats {
			t.Run(name+"."+format, func(t *testing.T) {
				var got bytes.Buffer
				if err := write(&got, result, term.Style{}); err != nil {
					t.Fatal(err)
				}
				Check(t, name+"."+format, got.Bytes())
			})
		}
	}
}

// Comparisons are comparisons of reports of each kind, by name.
func Comparisons(t testing.TB) map[string]compare.Result {
	t.Helper()
	session := func(seed uint64, cost float64) v1alpha1.Report {
		return Completed(t,
			fixture.Options{Seed: seed, Latency: func(arm string, _ v1alpha1.Level, round int) time.Duration {
				d := float64(time.Millisecond) * (1 + 0.01*float64(round%3))
				if arm == "meshy" {
					d *= cost * (1 + 0.005*float64(round%2))
				}
				return time.Duration(d)
			}}, nil)
	}
	before, after := session(1, 1.3), session(2, 1.6)
	after.Run.ID, after.Cluster.Nodes[0].Kernel = "260103-030405-abcd", "6.2.0"
	searched := Analysed(t, fixture.Search, fixture.SearchOptions{})
	before.Searches, after.Searches = searched.Searches, searched.Searches
	copied := session(1, 1.3)
	copied.Run.ID = "260104-030405-abcd"
	side := func(first uint64, cost float64) (all []v1alpha1.Report) {
		for i := range uint64(3) {
			one := session(first+i, cost)
			one.Run.ID = fmt.Sprintf("2601%02d-030405-abcd", first+i)
			all = append(all, one)
		}
		return all
	}
	return map[string]compare.Result{
		"compare":         compare.Reports(before, after),
		"compare-copied":  compare.Reports(before, copied),
		"compare-several": compare.Sides(side(1, 1.3), side(11, 1.3), compare.MinChange),
	}
}
