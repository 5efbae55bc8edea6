package pace

import (
	"time"

	"golang.org/x/sys/unix"
)

// sleep blocks the thread. A signal may end it early, which the caller's loop
// makes up for.
func sleep(d time.Duration) {
	request := unix.NsecToTimespec(int64(d))
	_ = unix.Nanosleep(&request, nil)
}
