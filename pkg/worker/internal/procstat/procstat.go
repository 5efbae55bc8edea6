// Package procstat reads what the kernel tells a process of itself and its
// machine: CPU time, limits, throttling, memory. What a runtime hides is nil,
// never 0. Parsing is pure; Usage and ReadHost read the files.
package procstat

import (
	"io/fs"
	"runtime"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// Usage is what a process has used since it began.
type Usage struct {
	// CPUSeconds is user plus system time.
	CPUSeconds *float64
	// MaxRSSBytes is the most memory that was resident at any time.
	MaxRSSBytes *int64
	CPU         CPUControl
}

// CPUControl is the control group's side of CPU time.
type CPUControl struct {
	// LimitCores is nil where there is no limit, or none to be seen.
	LimitCores *float64
	// Periods and Throttled count enforcement periods.
	Periods, Throttled *int64
	ThrottledSeconds   *float64
}

// Read returns the usage of this process. root is the root of the file system.
func Read(root fs.FS) Usage {
	u := Usage{CPU: readCPUControl(root)}
	u.CPUSeconds, u.MaxRSSBytes = rusage()
	return u
}

// Between is the usage from one reading to a later one, as reports hold it.
func Between(from, to Usage) v1alpha1.SelfUsage {
	return v1alpha1.SelfUsage{
		CPUSeconds:       difference(from.CPUSeconds, to.CPUSeconds),
		CPULimitCores:    to.CPU.LimitCores,
		Processors:       runtime.GOMAXPROCS(0),
		ThrottledPeriods: difference(from.CPU.Throttled, to.CPU.Throttled),
		Periods:          difference(from.CPU.Periods, to.CPU.Periods),
		ThrottledSeconds: difference(from.CPU.ThrottledSeconds, to.CPU.ThrottledSeconds),
		MaxRSSBytes:      to.MaxRSSBytes,
	}
}

func difference[T int64 | float64](from, to *T) *T {
	if from == nil || to == nil {
		return nil
	}
	d := *to - *from
	return &d
}

// ReadHost returns what can be seen of the machine.
func ReadHost(root fs.FS) wire.Host {
	h := wire.Host{Architecture: runtime.GOARCH, Kernel: strings.TrimSpace(text(root, "proc/sys/kernel/osrelease"))}
	h.CPUModel, h.CPUs = parseCPUInfo(text(root, "proc/cpuinfo"))
	h.MemoryBytes = parseMemTotal(text(root, "proc/meminfo"))
	return h
}

// text is a file's content, or nothing if it is hidden.
func text(root fs.FS, name string) string {
	data, err := fs.ReadFile(root, name)
	if err != nil {
		return ""
	}
	return string(data)
}
