//go:build unix

package procstat

import (
	"math"
	"syscall"
)

// OpenFiles is how many files and connections this process may have open at
// once; 0 if nothing limits that, or it cannot be told. The Go runtime has raised
// the limit as far as it may when a program begins.
func OpenFiles() int64 {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil {
		return 0
	}
	if n := uint64(limit.Cur); n < math.MaxInt64 { //nolint:unconvert // it is of another type elsewhere
		return int64(n)
	}
	return 0
}
