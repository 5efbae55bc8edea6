package page_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/render/page"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
	"github.com/meshbench/kubectl-meshbench/test/golden"
)

// A page has hops as an axis, and what each adds.
func TestAChainHasItsFigureAndSlopes(t *testing.T) {
	runs := map[string]v1alpha1.Report{"chain": golden.Completed(t, fixture.Chain(4, fixture.Options{}), nil),
		"levels": golden.Completed(t, fixture.Options{Experiment: golden.Sweep()}, nil)}
	for name, want := range map[string]bool{"chain": true, "levels": false} {
		var b bytes.Buffer
		if err := page.HTML(&b, runs[name], term.Style{}); err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"chain  each hop adds", "meshy - baseline", "Least-squares lines over hops 1, 2, 4, 8",
			"Percentiles do not", "By hops"} {
			if strings.Contains(b.String(), text) != want {
				t.Errorf("the page of %s has %q: %t", name, text, !want)
			}
		}
	}
}
