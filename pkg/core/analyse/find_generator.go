package analyse

import (
	"fmt"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

const (
	codeClientCPU = "client-cpu-limit"
	codeThrottled = "throttled"

	// Above this share of the processors it may use, a generator waits for
	// itself now and then, and its latencies include that.
	busyGenerator = 0.9
	// One throttled period in a hundred reaches the 99th percentile.
	throttledShare = 0.01
)

// clientCPU finds load pods at the edge of the CPU they may use. The numbers
// stay comparable, but the arm that is cheaper on the client suffers most, so
// a ratio understates what the mesh costs: a warning, not void.
func clientCPU(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, c := range d.cells {
		var hit int
		var worst, cores float64
		for _, r := range c.rounds {
			share, of := generatorUse(r.trial)
			if share >= busyGenerator {
				hit++
			}
			if share > worst {
				worst, cores = share, of
			}
		}
		if hit > 0 {
			out = append(out, c.finding(v1alpha1.SeverityWarn,
				"Give the load pods more CPU or use more of them: the figures describe the generator as much as the mesh.",
				"the load generator used up to %.0f %% of its %.3g CPUs in %d of %d rounds", worst*100, cores, hit, len(c.rounds)))
		}
	}
	return out
}

// generatorUse is the highest share of its usable processors that a load pod
// of the trial used over the window, and their number.
func generatorUse(t v1alpha1.Trial) (share, cores float64) {
	for _, u := range t.Clients {
		usable := float64(u.Processors)
		if u.CPULimitCores != nil && (usable == 0 || *u.CPULimitCores < usable) {
			usable = *u.CPULimitCores
		}
		if u.CPUSeconds == nil || usable <= 0 {
			continue
		}
		if s := *u.CPUSeconds / (usable * t.Window.Seconds); s > share {
			share, cores = s, usable
		}
	}
	return share, cores
}

// throttled finds load pods, proxies and targets that the kernel stopped for
// their CPU limit.
func throttled(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, c := range d.loaded() {
		var stopped, periods int64
		for _, r := range c.rounds {
			for _, u := range r.trial.Clients {
				if u.ThrottledPeriods != nil && u.Periods != nil {
					stopped += *u.ThrottledPeriods
					periods += *u.Periods
				}
			}
		}
		if periods > 0 && float64(stopped) > throttledShare*float64(periods) {
			out = append(out, c.finding(v1alpha1.SeverityWarn,
				"Raise or remove the CPU limit of the load pods: a throttled generator adds its own pauses to every latency.",
				"the load generator was throttled in %d of %d scheduling periods (%s)", stopped, periods,
				percent(stopped, periods)))
		}
		out = append(out, throttledContainers(c)...)
	}
	return out
}

func percent(part, whole int64) string {
	return fmt.Sprintf("%.3g %%", 100*float64(part)/float64(whole))
}
