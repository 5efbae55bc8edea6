package data

import (
	"slices"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

func TestUsageIsOfAllOrAbsent(t *testing.T) {
	one, two, bytes := 1.0, 2.0, int64(8)
	trial := v1alpha1.Trial{Clients: []v1alpha1.SelfUsage{
		{ThrottledSeconds: &one, MaxRSSBytes: &bytes}, {ThrottledSeconds: &two, MaxRSSBytes: &bytes}}}
	want := []observation{{"load-throttled", v1alpha1.UnitSeconds, 3}, {"load-max-rss", v1alpha1.UnitBytes, 16}}
	if got := usageOf(trial); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	trial.Clients[1] = v1alpha1.SelfUsage{}
	if got := usageOf(trial); len(got) != 0 {
		t.Errorf("of two load pods one was measured, and the sum is said to be %v", got)
	}
}
