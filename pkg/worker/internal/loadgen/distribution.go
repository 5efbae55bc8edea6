package loadgen

import (
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

const (
	// nativeSchema has buckets 2^(1/8), so 9 %, wide.
	nativeSchema = 3
	// zeroThreshold is that of client_golang's own histograms, 2^-128.
	zeroThreshold = 0x1p-128
)

// classicBounds are upper bounds in seconds, from a loopback's microseconds to
// the longest timeout that is usual.
func classicBounds() []float64 {
	return []float64{.00005, .0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
}

// both is a native histogram with classic buckets beside it: a server that does
// not know native ones reads those.
type both struct {
	prometheus.Metric
	classic []*dto.Bucket
}

func (b both) Write(out *dto.Metric) error {
	err := b.Metric.Write(out)
	if err == nil {
		out.Histogram.Bucket = b.classic
	}
	return err
}

// distribution turns one of ours, which is far finer, into a metric.
func distribution(desc *prometheus.Desc, h *stats.Histogram, begun time.Time) prometheus.Metric {
	bounds := classicBounds()
	atMost := make([]uint64, len(bounds))
	native := map[int]int64{}
	var zero uint64
	h.Each(func(d time.Duration, n int64) {
		seconds := d.Seconds()
		for i, bound := range bounds {
			if seconds <= bound {
				atMost[i] += uint64(n)
			}
		}
		if seconds <= zeroThreshold {
			zero += uint64(n)
			return
		}
		native[int(math.Ceil(math.Log2(seconds)*(1<<nativeSchema)))] += n
	})
	sum := h.Mean().Seconds() * float64(h.Count())
	metric, err := prometheus.NewConstNativeHistogram(desc, uint64(h.Count()), sum, native, nil, zero, nativeSchema,
		zeroThreshold, begun)
	if err != nil {
		return prometheus.NewInvalidMetric(desc, err)
	}
	b := both{Metric: metric}
	for i := range bounds {
		b.classic = append(b.classic, &dto.Bucket{UpperBound: &bounds[i], CumulativeCount: &atMost[i]})
	}
	return b
}
