//go:build !unix

package procstat

func rusage() (cpuSeconds *float64, maxRSSBytes *int64) { return nil, nil }
