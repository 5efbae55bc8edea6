package resource

import (
	"math"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// point is what was used between a sample and the one before.
type point struct {
	at      time.Time
	seconds float64
	cpu     float64 // seconds
	memory  int64
}

type points []point

// thinned merges neighbours until a series is no longer than mostPoints, and
// writes it with no more digits than it can carry.
func (p points) thinned(window v1alpha1.Window) *v1alpha1.UsageSeries {
	step := (len(p) + mostPoints - 1) / mostPoints
	out := &v1alpha1.UsageSeries{}
	memory := false
	for _, one := range p {
		memory = memory || one.memory > 0
	}
	for i := 0; i < len(p); i += step {
		group := p[i:min(i+step, len(p))]
		var cpu, seconds float64
		var most int64
		for _, one := range group {
			cpu, seconds, most = cpu+one.cpu, seconds+one.seconds, max(most, one.memory)
		}
		last := group[len(group)-1]
		out.OffsetSeconds = append(out.OffsetSeconds, rounded(last.at.Sub(window.StartedAt).Seconds(), 3))
		out.CPUCores = append(out.CPUCores, rounded(cpu/seconds, 4))
		if memory {
			out.MemoryBytes = append(out.MemoryBytes, most)
		}
	}
	return out
}

func rounded(v float64, digits int) float64 {
	scale := math.Pow10(digits)
	return math.Round(v*scale) / scale
}
