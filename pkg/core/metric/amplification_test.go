package metric

import (
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// What the target did not count, or what another target counted, is no factor.
func TestAmplificationIsReceivedForEachSent(t *testing.T) {
	m, ok := Find(v1alpha1.MetricAmplification)
	if !ok {
		t.Fatal("there is no such metric")
	}
	for name, c := range map[string]struct {
		received *v1alpha1.ReceivedCount
		want     float64 // 0 for none
	}{
		"as many as sent":                  {&v1alpha1.ReceivedCount{Sent: 1100, Received: 1100}, 1},
		"one in ten was sent again":        {&v1alpha1.ReceivedCount{Sent: 1100, Received: 1210}, 1.1},
		"some never arrived":               {&v1alpha1.ReceivedCount{Sent: 1250, Received: 1000}, 0.8},
		"the target did not tell":          {nil, 0},
		"nothing was sent":                 {&v1alpha1.ReceivedCount{}, 0},
		"fewer than were answered":         {&v1alpha1.ReceivedCount{Sent: 1100, Received: 999}, 0},
		"another target answered, with 0":  {&v1alpha1.ReceivedCount{Sent: 1100, Received: 0}, 0},
		"a count that went back, edited":   {&v1alpha1.ReceivedCount{Sent: 1100, Received: -5}, 0},
		"a number of requests, edited too": {&v1alpha1.ReceivedCount{Sent: -1, Received: 5000}, 0},
	} {
		trial := v1alpha1.Trial{Load: &v1alpha1.LoadResult{Requests: 1000}, Received: c.received}
		got, ok, err := m.OfTrial(trial)
		if ok != (c.want != 0) || err != nil || got != c.want {
			t.Errorf("%s: %v, %v, %v; want %v", name, got, ok, err, c.want)
		}
	}
	if !m.IsUsual(1) || !m.IsUsual(1.0005) || m.IsUsual(1.01) || m.IsUsual(0.9) {
		t.Error("only about 1 goes without saying")
	}
	if errors, _ := Find(v1alpha1.MetricErrors); errors.IsUsual(0) {
		t.Error("every share of errors is worth a column")
	}
}
