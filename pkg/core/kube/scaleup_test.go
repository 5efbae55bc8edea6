package kube

import (
	"testing"
	"time"
)

func TestTheLastWordOfAnAutoscalerCounts(t *testing.T) {
	at := func(seconds int, reason string) Event { return Event{Reason: reason, At: time.Unix(int64(seconds), 0)} }
	for name, c := range map[string]struct {
		events []Event
		want   ScaleUp
	}{
		"nothing":            {nil, ScaleUpNone},
		"only the scheduler": {[]Event{at(1, "FailedScheduling")}, ScaleUpNone},
		"a node is coming": {[]Event{at(1, "FailedScheduling"), at(2, "TriggeredScaleUp"),
			at(3, "FailedScheduling")}, ScaleUpComing},
		"Karpenter":                 {[]Event{at(2, "Nominated")}, ScaleUpComing},
		"refused":                   {[]Event{at(2, "NotTriggerScaleUp")}, ScaleUpRefused},
		"refused, then taken up":    {[]Event{at(3, "TriggeredScaleUp"), at(2, "NotTriggerScaleUp")}, ScaleUpComing},
		"failed after it had begun": {[]Event{at(2, "TriggeredScaleUp"), at(3, "FailedScaleUp")}, ScaleUpFailed},
	} {
		if got, _ := ScaleUpOf(c.events); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
