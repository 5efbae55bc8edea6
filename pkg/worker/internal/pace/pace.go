// Package pace waits for an instant more exactly than the runtime's timers,
// which overshoot by up to a millisecond on an idle machine.
package pace

import "time"

const (
	// timerOvershoot is how late a timer may fire.
	timerOvershoot = 1100 * time.Microsecond
	// sleepOvershoot is how late the kernel ends a sleep: its timer slack.
	sleepOvershoot = 60 * time.Microsecond
)

// Until waits until t, or until done is closed; it reports whether t came.
// While it waits it takes next to no CPU time, except for the last few
// microseconds.
func Until(done <-chan struct{}, t time.Time) bool {
	// Compared, not subtracted from: what is left of an instant long ago is the least
	// duration there is.
	if rest := time.Until(t); rest > timerOvershoot {
		timer := time.NewTimer(rest - timerOvershoot)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-done:
			return false
		}
	}
	if rest := time.Until(t); rest > sleepOvershoot {
		sleep(rest - sleepOvershoot)
	}
	for time.Until(t) > 0 {
	}
	return true
}
