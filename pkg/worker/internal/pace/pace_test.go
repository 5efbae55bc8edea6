package pace

import (
	"testing"
	"time"
)

func TestUntilNeverComesEarly(t *testing.T) {
	for _, d := range []time.Duration{-time.Second, 0, time.Microsecond, 100 * time.Microsecond, 3 * time.Millisecond} {
		end := time.Now().Add(d)
		if !Until(nil, end) || time.Now().Before(end) {
			t.Errorf("a wait of %s ended before its time", d)
		}
	}
}

func TestUntilCanBeEnded(t *testing.T) {
	done := make(chan struct{})
	close(done)
	if Until(done, time.Now().Add(time.Hour)) {
		t.Error("a wait that was ended says that its time came")
	}
}

func TestAnInstantLongAgoHasCome(t *testing.T) {
	done := make(chan struct{})
	close(done) // so that a wait would end, and be seen
	if !Until(done, time.Time{}) {
		t.Error("the zero time has not come yet")
	}
}
