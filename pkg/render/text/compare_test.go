package text_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/compare"
	"github.com/meshbench/kubectl-meshbench/pkg/render/text"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
	"github.com/meshbench/kubectl-meshbench/test/golden"
)

func TestComparisonGoldens(t *testing.T) {
	session := func(seed uint64, cost float64) v1alpha1.Report {
		return golden.Completed(t,
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
	searched := golden.Analysed(t, fixture.Search, fixture.SearchOptions{})
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
	for name, result := range map[string]compare.Result{
		"compare":         compare.Reports(before, after),
		"compare-copied":  compare.Reports(before, copied),
		"compare-several": compare.Sides(side(1, 1.3), side(11, 1.3), compare.MinChange),
	} {
		for _, format := range text.ComparisonFormats() {
			t.Run(name+"."+format, func(t *testing.T) {
				var got bytes.Buffer
				if err := text.WriteComparison(&got, format, result); err != nil {
					t.Fatal(err)
				}
				golden.Check(t, name+"."+format, got.Bytes())
			})
		}
	}
	if err := text.WriteComparison(&bytes.Buffer{}, "xml", compare.Result{}); err == nil {
		t.Error("an unknown format is written")
	}
}
