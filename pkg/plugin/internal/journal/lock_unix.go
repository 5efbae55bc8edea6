//go:build unix

package journal

import (
	"os"
	"syscall"
)

// tryLock takes a lock that ends with the process, however it ends.
func tryLock(f *os.File) bool {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
}
