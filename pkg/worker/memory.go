package worker

import (
	"io/fs"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// limitMemory keeps the process within its container's memory limit: without
// it, garbage alone may pass the limit, and the kernel ends the process. It does
// nothing where there is no limit, or GOMEMLIMIT says one.
func limitMemory(root fs.FS, getenv func(string) string) {
	if getenv("GOMEMLIMIT") != "" {
		return
	}
	if limit, ok := memoryLimit(root); ok {
		debug.SetMemoryLimit(int64(float64(limit) * wire.CollectorPercent / 100))
	}
}

// memoryLimit is that of the container, from cgroup v2 or v1; ok is false if it
// has none or hides it.
func memoryLimit(root fs.FS) (bytes int64, ok bool) {
	const unlimited = 1 << 60 // v1 says "none" with a number near 2^63
	for _, name := range []string{"sys/fs/cgroup/memory.max", "sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		data, err := fs.ReadFile(root, name)
		if err != nil {
			continue
		}
		if n, err := strconv.ParseInt(strings.TrimSpace(string(data)), 10, 64); err == nil && n > 0 && n < unlimited {
			return n, true
		}
	}
	return 0, false
}
