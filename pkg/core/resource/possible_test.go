package resource_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/resource"
)

// One absurd figure must neither be believed nor make a report unwritable.
func TestWhatCannotBeIsNotMeasured(t *testing.T) {
	for name, c := range map[string]struct {
		cpu, covered, cpus float64
		says               string
	}{
		"possible":             {15, 4, 4, ""},
		"all of the node":      {16, 4, 4, ""},
		"more than the cores":  {399564, 4, 64, "on 64 CPUs"},
		"more than any cores":  {1e9, 4, 0, "CPU time in"},
		"not a number":         {math.NaN(), 4, 4, "impossible"},
		"without an end":       {math.Inf(1), 4, 4, "impossible"},
		"below nothing":        {-1, 4, 4, "impossible"},
		"longer than it is":    {1, 8, 4, "cover 8.0 s of a window of 4.0 s"},
		"covered is no number": {1, math.NaN(), 4, "impossible"},
	} {
		r := v1alpha1.Resources{
			Nodes: []v1alpha1.NodeUsage{{Node: "n", CPUs: int(c.cpus), CPUSeconds: number(c.cpu), CoveredSeconds: c.covered,
				StealSeconds: number(math.Inf(1)), ClockOffsetSeconds: number(math.NaN()),
				Series: &v1alpha1.UsageSeries{OffsetSeconds: []float64{1}, CPUCores: []float64{math.NaN()}}}},
			Containers: []v1alpha1.ContainerUsage{{Node: "n", CPUSeconds: number(c.cpu), CoveredSeconds: c.covered,
				MemoryMeanBytes: number(math.NaN()), CPULimitCores: number(math.Inf(1))}},
			Sources: []v1alpha1.ResourceSource{{ResolutionSeconds: number(math.NaN())}},
		}
		got := resource.Possible(r, window())
		if _, err := json.Marshal(got); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for what, u := range map[string]struct {
			value   *float64
			missing string
		}{"node": {got.Nodes[0].CPUSeconds, got.Nodes[0].Missing},
			"container": {got.Containers[0].CPUSeconds, got.Containers[0].Missing}} {
			if (u.value == nil) != (c.says != "") || !strings.Contains(u.missing, c.says) ||
				(u.missing == "") != (c.says == "") {
				t.Errorf("%s: %s is %v, missing because %q; want %q", name, what, u.value, u.missing, c.says)
			}
		}
	}
}
