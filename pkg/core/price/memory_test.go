package price_test

import (
	"math"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/analyse"
	"github.com/meshbench/kubectl-meshbench/pkg/core/price"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

func perConnection(connections float64) float64 {
	return fixture.PricedBaseBytes + fixture.PricedConnectionBytes*connections
}

func memoryOf(t *testing.T, rounds int, memory func(float64) float64, edit func(*v1alpha1.Report)) price.MemoryArm {
	t.Helper()
	r, levels := fixture.PricedMemory(rounds, memory)
	done, err := analyse.Complete(analyse.Input{Report: r, Levels: levels})
	if err != nil {
		t.Fatal(err)
	}
	if edit != nil {
		edit(&done)
	}
	lists := price.MemoryLists(done)
	if len(lists) != 1 || len(lists[0].Arms) != 1 || lists[0].Setting.Connections != 0 {
		t.Fatalf("prices are %+v", lists)
	}
	if prices := price.Lists(done); len(prices) != 0 {
		t.Errorf("a closed loop has prices over a rate: %+v", prices)
	}
	return lists[0].Arms[0]
}

func TestMemoryGoesWithConnections(t *testing.T) {
	arm := memoryOf(t, 6, perConnection, nil)
	if arm.Missing != "" || len(arm.Parts) != 1 || arm.Parts[0].Part != price.ServerProxy {
		t.Fatalf("%+v", arm)
	}
	c := arm.Parts[0]
	near(t, "each connection", c.PerConnectionBytes, fixture.PricedConnectionBytes, 0.05)
	near(t, "without any", c.BaseBytes, fixture.PricedBaseBytes, 0.02)
	if len(c.Points) != 5 || c.Points[0].Connections != 16 || c.Points[4].Connections != 512 {
		t.Errorf("points are %+v", c.Points)
	}
}

// Buffers that come in steps are no line.
func TestMemoryInStepsIsPricedByItsPoints(t *testing.T) {
	arm := memoryOf(t, 6, func(n float64) float64 { return 20<<20 + 60<<20*math.Floor(n/200) }, nil)
	c := arm.Parts[0]
	if c.PerConnectionBytes != nil || c.BaseBytes != nil || len(c.Points) != 5 || c.BendRatio < 0.1 {
		t.Errorf("steps have the price %+v", c)
	}
}

func TestMemoryThatNobodySawHasNoPrice(t *testing.T) {
	if c := memoryOf(t, 3, perConnection, nil).Parts[0]; c.Points != nil || !strings.Contains(c.Missing, "of 3 rounds") {
		t.Errorf("three rounds: %+v", c)
	}
	unseen := memoryOf(t, 6, perConnection, func(r *v1alpha1.Report) {
		for i := range r.Trials {
			if r.Trials[i].Level != "connections=128" {
				continue
			}
			for k := range r.Trials[i].Resources.Containers {
				r.Trials[i].Resources.Containers[k].MemoryMeanBytes = nil
			}
		}
	})
	if c := unseen.Parts[0]; c.Points != nil || !strings.Contains(c.Missing, "of 0 rounds") {
		t.Errorf("a level without memory: %+v", c)
	}
	void := memoryOf(t, 6, perConnection, func(r *v1alpha1.Report) {
		for i := range r.Cells {
			r.Cells[i].Void = strings.Contains("connections=16 connections=64", r.Cells[i].Level)
		}
	})
	if !strings.Contains(void.Missing, "3 of its levels can be used") {
		t.Errorf("two levels are void: %+v", void)
	}
}
