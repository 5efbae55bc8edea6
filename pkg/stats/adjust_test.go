package stats_test

import (
	"slices"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

func TestClassesShareTheErrorOfAFamily(t *testing.T) {
	got := stats.Shares([]int{0, 1, 1, 0, 1, 1}, 0.8, 0.2, 0.5)
	if want := []float64{0.4, 0.05, 0.05, 0.4, 0.05, 0.05}; !slices.Equal(got, want) {
		t.Errorf("shares %v, want %v", got, want)
	}
	if got := stats.Shares(nil, 1); len(got) != 0 {
		t.Errorf("no test has %v", got)
	}
}
