package text_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/compare"
	"github.com/meshbench/kubectl-meshbench/pkg/render/text"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
	"github.com/meshbench/kubectl-meshbench/test/golden"
)

func TestComparisonGoldens(t *testing.T) {
	session := func(cost float64) v1alpha1.Report {
		return golden.Completed(t, fixture.Options{Latency: func(arm string, _ v1alpha1.Level, round int) time.Duration {
			d := float64(time.Millisecond) * (1 + 0.01*float64(round%3))
			if arm == "meshy" {
				d *= cost * (1 + 0.005*float64(round%2))
			}
			return time.Duration(d)
		}}, nil)
	}
	before, after := session(1.3), session(1.6)
	after.Run.ID, after.Cluster.Nodes[0].Kernel = "260103-030405-abcd", "6.2.0"
	searched := golden.Analysed(t, fixture.Search, fixture.SearchOptions{})
	before.Searches, after.Searches = searched.Searches, searched.Searches
	result := compare.Reports(before, after)
	for _, format := range text.ComparisonFormats() {
		t.Run(format, func(t *testing.T) {
			var got bytes.Buffer
			if err := text.WriteComparison(&got, format, result); err != nil {
				t.Fatal(err)
			}
			golden.Check(t, "compare."+format, got.Bytes())
		})
	}
	if err := text.WriteComparison(&bytes.Buffer{}, "xml", result); err == nil {
		t.Error("an unknown format is written")
	}
}
