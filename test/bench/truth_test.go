package main

import (
	"testing"
	"time"
)

func TestWhatIsKnownOfTheTarget(t *testing.T) {
	for q, want := range map[float64]time.Duration{0.5: time.Millisecond, 0.9: time.Millisecond,
		0.95: 51 * time.Millisecond, 0.99: 91 * time.Millisecond, 0.999: 100 * time.Millisecond} {
		if got := known().quantile(q).Round(time.Microsecond); got != want {
			t.Errorf("p%g is %s, want %s", 100*q, got, want)
		}
	}
}
