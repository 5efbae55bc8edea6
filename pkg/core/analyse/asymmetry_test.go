package analyse_test

import (
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/analyse"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

// What the baseline does alone, on other nodes, is compared with nobody.
func TestPlacementIsThatOfComparedTrials(t *testing.T) {
	r, levels := fixture.Report(fixture.Options{})
	capacity, more := fixture.Report(fixture.Options{Experiment: fixture.Capacity(4), Samples: 1999,
		Edit: func(trial *v1alpha1.Trial) {
			if strings.Contains(trial.Level, "same-node") {
				trial.Pods[0].Node = "node-2"
			}
		}})
	r, levels = fixture.Join(r, levels, capacity, more)
	done, err := analyse.Complete(analyse.Input{Report: r, Levels: levels})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range done.Findings {
		if f.Code == "placement" {
			t.Errorf("%s", f.Evidence)
		}
	}
}

// Two arms that take turns on two nodes never meet on one.
func TestArmsThatSwapNodesAreFound(t *testing.T) {
	r := complete(t, fixture.Options{Edit: func(trial *v1alpha1.Trial) {
		if (trial.Round%2 == 0) == (trial.Arm == "plain") {
			trial.Pods[0].Node = "node-3"
		}
	}}, nil)
	for _, f := range r.Findings {
		if f.Code == "placement" && strings.Contains(f.Evidence, "in 6 of 6 comparisons") {
			return
		}
	}
	t.Errorf("not found; there are %v", codes(r))
}
