package procstat

import (
	"testing"
	"testing/fstest"
)

func file(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }

func TestReadCPUControl(t *testing.T) {
	for _, c := range []struct {
		name  string
		files fstest.MapFS
		limit float64
	}{
		{"version 2", fstest.MapFS{
			"sys/fs/cgroup/cpu.stat": file("usage_usec 5\nnr_periods 10\nnr_throttled 3\nthrottled_usec 2500000\n"),
			"sys/fs/cgroup/cpu.max":  file("150000 100000\n"),
		}, 1.5},
		{"version 1", fstest.MapFS{
			"sys/fs/cgroup/cpu/cpu.stat":          file("nr_periods 10\nnr_throttled 3\nthrottled_time 2500000000\n"),
			"sys/fs/cgroup/cpu/cpu.cfs_quota_us":  file("150000\n"),
			"sys/fs/cgroup/cpu/cpu.cfs_period_us": file("100000\n"),
		}, 1.5},
		{"no limit", fstest.MapFS{
			"sys/fs/cgroup/cpu.stat": file("nr_periods 10\nnr_throttled 3\nthrottled_usec 2500000\n"),
			"sys/fs/cgroup/cpu.max":  file("max 100000\n"),
		}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := readCPUControl(c.files)
			if got.Periods == nil || *got.Periods != 10 || got.Throttled == nil || *got.Throttled != 3 ||
				got.ThrottledSeconds == nil || *got.ThrottledSeconds != 2.5 {
				t.Errorf("counters are %+v", got)
			}
			if (got.LimitCores == nil) != (c.limit == 0) || got.LimitCores != nil && *got.LimitCores != c.limit {
				t.Errorf("limit is %v, want %v (0 for none)", got.LimitCores, c.limit)
			}
		})
	}
	if got := readCPUControl(fstest.MapFS{}); got != (CPUControl{}) {
		t.Errorf("hidden files give %+v, want nothing", got)
	}
}

func TestReadHost(t *testing.T) {
	h := ReadHost(fstest.MapFS{
		"proc/sys/kernel/osrelease": file("6.1.0\n"),
		"proc/cpuinfo":              file("processor\t: 0\nmodel name\t: Fast CPU\n\nprocessor\t: 1\nmodel name\t: Fast CPU\n"),
		"proc/meminfo":              file("MemTotal:       1024 kB\nMemFree: 5 kB\n"),
	})
	if h.Kernel != "6.1.0" || h.CPUModel != "Fast CPU" || h.CPUs != 2 || h.MemoryBytes != 1<<20 {
		t.Errorf("host is %+v", h)
	}
}

func TestBetweenIsOnlyOfWhatBothSaw(t *testing.T) {
	one, three := 1.0, 3.0
	got := Between(Usage{CPUSeconds: &one}, Usage{CPUSeconds: &three, CPU: CPUControl{ThrottledSeconds: &three}})
	if got.CPUSeconds == nil || *got.CPUSeconds != 2 || got.ThrottledSeconds != nil {
		t.Errorf("usage is %+v, want 2 CPU seconds and no throttling", got)
	}
	if u := Read(fstest.MapFS{}); u.CPUSeconds == nil || *u.CPUSeconds <= 0 || u.MaxRSSBytes == nil ||
		*u.MaxRSSBytes < 1<<20 {
		t.Errorf("this process used %+v", u)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("nr_periods 10\n", "150000 100000")
	f.Add("MemTotal: 1 kB", "max")
	f.Fuzz(func(t *testing.T, a, b string) {
		parseCPUStat(a)
		if l := parseCPUMax(b); l != nil && *l <= 0 {
			t.Errorf("limit %v", *l)
		}
		parseCPUInfo(a)
		if parseMemTotal(a) < 0 {
			t.Error("negative memory")
		}
	})
}
