package resource

import (
	"cmp"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// nodeUsage is what a whole node used between the usages of a worker on it.
func nodeUsage(p PodReading, cut []wire.Usage, window v1alpha1.Window) v1alpha1.NodeUsage {
	out := v1alpha1.NodeUsage{Node: p.Node, Source: v1alpha1.SourceInPod}
	if p.Ahead != nil {
		seconds := rounded(p.Ahead.Seconds(), 3)
		out.ClockOffsetSeconds = &seconds
	}
	var sum wire.NodeCounters
	var series points
	var pressure *int64
	for i := 1; i < len(cut); i++ {
		from, to := cut[i-1].Node, cut[i].Node
		seconds := cut[i].At.Sub(cut[i-1].At).Seconds()
		if from == nil || to == nil || seconds <= 0 || busyMs(*to) < busyMs(*from) {
			continue
		}
		out.Machine, out.CPUs = to.Machine, to.CPUs
		out.CoveredSeconds += seconds
		sum.UserMs += to.UserMs - from.UserMs
		sum.SystemMs += to.SystemMs - from.SystemMs
		sum.IdleMs += to.IdleMs - from.IdleMs
		sum.IOWaitMs += to.IOWaitMs - from.IOWaitMs
		sum.IRQMs += to.IRQMs - from.IRQMs
		sum.SoftIRQMs += to.SoftIRQMs - from.SoftIRQMs
		sum.StealMs += to.StealMs - from.StealMs
		pressure = grown(pressure, from.PressureUs, to.PressureUs)
		series = append(series, point{at: cut[i].At, seconds: seconds, cpu: float64(busyMs(*to)-busyMs(*from)) / 1000})
	}
	if out.CoveredSeconds == 0 {
		out.Missing = cmp.Or(p.why(cut), "the runtime hides /proc/stat")
		if len(cut) >= 2 {
			out.Missing = "the runtime hides /proc/stat"
		}
		return out
	}
	for _, mode := range []struct {
		ms int64
		to **float64
	}{
		{busyMs(sum), &out.CPUSeconds}, {sum.UserMs, &out.UserSeconds}, {sum.SystemMs, &out.SystemSeconds},
		{sum.SoftIRQMs, &out.SoftIRQSeconds},
		{sum.IRQMs, &out.IRQSeconds}, {sum.StealMs, &out.StealSeconds}, {max(sum.IOWaitMs, 0), &out.IOWaitSeconds},
		{max(sum.IdleMs, 0), &out.IdleSeconds},
	} {
		seconds := float64(mode.ms) / 1000
		*mode.to = &seconds
	}
	if pressure != nil {
		ratio := rounded(min((time.Duration(*pressure)*time.Microsecond).Seconds()/out.CoveredSeconds, 1), 4)
		out.CPUPressureRatio = &ratio
	}
	out.Series = series.thinned(window)
	return out
}

// busyMs is all but idle, I/O wait and steal.
func busyMs(c wire.NodeCounters) int64 { return c.UserMs + c.SystemMs + c.IRQMs + c.SoftIRQMs }
