package stats_test

import (
	"fmt"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// The ratio of an arm to its baseline, paired by rounds that ran side by side.
func ExampleRatioInterval() {
	baseline := []float64{1.00, 1.20, 0.90, 1.10} // p99 of each round, in ms
	meshed := []float64{1.52, 1.79, 1.37, 1.64}
	ratio, ok := stats.RatioInterval(meshed, baseline)
	fmt.Printf("%t: %.2f [%.2f, %.2f]\n", ok, ratio.Value, *ratio.Low, *ratio.High)
	// Output: true: 1.51 [1.48, 1.53]
}

// Percentiles cannot be averaged; histograms can be merged.
func ExampleHistogram_Merge() {
	fast, slow := stats.NewHistogram(), stats.NewHistogram()
	fast.RecordMany(time.Millisecond, 980)
	slow.RecordMany(50*time.Millisecond, 20)
	if err := fast.Merge(slow); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(fast.Count(), fast.Quantile(0.5).Round(100*time.Microsecond), fast.Quantile(0.99).Round(time.Millisecond))
	// Output: 1000 1ms 50ms
}

// Claims about several metrics of one run are made together.
func ExampleHolm() {
	fmt.Println(stats.Holm([]stats.Test{{P: 0.01, Weight: 1}, {P: 0.04, Weight: 1}}))
	// Output: [0.02 0.04]
}
