//go:build unix

package procstat

import (
	"runtime"
	"syscall"
	"time"
)

// rusage is exact to a microsecond, where /proc/self/stat counts in hundredths
// of a second.
func rusage() (cpuSeconds *float64, maxRSSBytes *int64) {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return nil, nil
	}
	seconds := (time.Duration(r.Utime.Nano()) + time.Duration(r.Stime.Nano())).Seconds()
	rss := r.Maxrss
	if runtime.GOOS != "darwin" { // which alone counts in bytes
		rss <<= 10
	}
	return &seconds, &rss
}
