//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// freeze stops every process of this pod whose program has that name, for a part of
// each period, until it is ended itself. Their process namespace must be shared, and
// their user ours.
func freeze(program string, every, lasts time.Duration) error {
	for {
		time.Sleep(every - lasts)
		if err := signal(program, syscall.SIGSTOP); err != nil {
			return err
		}
		time.Sleep(lasts)
		if err := signal(program, syscall.SIGCONT); err != nil {
			return err
		}
	}
}

func signal(program string, what syscall.Signal) error {
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		return err
	}
	for _, path := range lines {
		line, err := os.ReadFile(path)
		name, _, _ := strings.Cut(string(line), "\x00")
		pid, bad := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err != nil || bad != nil || pid == os.Getpid() || filepath.Base(name) != program {
			continue
		}
		if err := syscall.Kill(pid, what); err != nil {
			return fmt.Errorf("signal %s, process %d: %w", program, pid, err)
		}
	}
	return nil
}
