package procstat

import (
	"io/fs"
	"strconv"
	"strings"
	"time"
)

// readCPUControl reads the process' own control group, version 2 or 1. Inside
// a container its root is the container's group.
func readCPUControl(root fs.FS) CPUControl {
	if stat := text(root, "sys/fs/cgroup/cpu.stat"); stat != "" {
		c := parseCPUStat(stat)
		c.LimitCores = parseCPUMax(text(root, "sys/fs/cgroup/cpu.max"))
		return c
	}
	for _, dir := range []string{"sys/fs/cgroup/cpu", "sys/fs/cgroup/cpu,cpuacct"} {
		if stat := text(root, dir+"/cpu.stat"); stat != "" {
			c := parseCPUStat(stat)
			c.LimitCores = parseQuota(text(root, dir+"/cpu.cfs_quota_us"), text(root, dir+"/cpu.cfs_period_us"))
			return c
		}
	}
	return CPUControl{}
}

// parseCPUStat reads cpu.stat of either version: nr_periods, nr_throttled, and
// throttled_usec (2) or throttled_time in nanoseconds (1).
func parseCPUStat(s string) CPUControl {
	var c CPUControl
	for line := range strings.Lines(s) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), " ")
		n, err := strconv.ParseInt(value, 10, 64)
		if !ok || err != nil || n < 0 {
			continue
		}
		switch name {
		case "nr_periods":
			c.Periods = &n
		case "nr_throttled":
			c.Throttled = &n
		case "throttled_usec":
			seconds := float64(n) / 1e6
			c.ThrottledSeconds = &seconds
		case "throttled_time":
			seconds := time.Duration(n).Seconds()
			c.ThrottledSeconds = &seconds
		}
	}
	return c
}

// parseCPUMax reads "QUOTA PERIOD" or "max PERIOD".
func parseCPUMax(s string) *float64 {
	quota, period, _ := strings.Cut(strings.TrimSpace(s), " ")
	return parseQuota(quota, period)
}

// parseQuota is the limit in cores; a quota below 1 ("-1", "max") means none.
func parseQuota(quota, period string) *float64 {
	q, err := strconv.ParseInt(strings.TrimSpace(quota), 10, 64)
	if err != nil || q <= 0 {
		return nil
	}
	p, err := strconv.ParseInt(strings.TrimSpace(period), 10, 64)
	if err != nil || p <= 0 {
		return nil
	}
	cores := float64(q) / float64(p)
	return &cores
}

// parseCPUInfo reads the model of the first processor and counts them all.
func parseCPUInfo(s string) (model string, count int) {
	for line := range strings.Lines(s) {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		switch strings.TrimSpace(name) {
		case "processor":
			count++
		case "model name":
			if model == "" {
				model = strings.TrimSpace(value)
			}
		}
	}
	return model, count
}

// parseMemTotal reads "MemTotal:  24681472 kB" in bytes, 0 if it is hidden.
func parseMemTotal(s string) int64 {
	for line := range strings.Lines(s) {
		fields := strings.Fields(line)
		if len(fields) >= 2 && fields[0] == "MemTotal:" {
			if kb, err := strconv.ParseInt(fields[1], 10, 64); err == nil && kb > 0 && kb < 1<<50 {
				return kb << 10
			}
		}
	}
	return 0
}
