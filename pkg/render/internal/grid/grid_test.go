package grid

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

func TestDensitiesLoseNoSample(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		h := stats.NewHistogram()
		n := 1 + random.IntN(2000)
		for range n {
			h.Record(time.Duration(math.Exp(25 * random.Float64())))
		}
		d := DensityOf(h)
		for what, sum := range map[string]float64{"fine": d.Sum(), "coarse": d.Coarse(1 + random.IntN(20)).Sum(),
			"smooth": d.Smooth(random.IntN(4)).Sum()} {
			if math.Abs(sum-float64(n)) > 1e-6 {
				t.Fatalf("%s density holds %g of %d samples", what, sum, n)
			}
		}
		if low := Edge(d.First); low > h.Min().Seconds()*1.0001 || Edge(d.First+1) < h.Min().Seconds()*0.999 {
			t.Fatalf("the first bin is from %g, the least sample %s", low, h.Min())
		}
	}
}

func TestBinsOfRisingDurationsAreThoseOfEach(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	var bins Finder
	for d := time.Duration(0); d < time.Minute; d += time.Duration(random.Float64() * (2 + float64(d)/200)) {
		if got := bins.Bin(d); got != binOf(d) {
			t.Fatalf("%s is in bin %d, want %d", d, got, binOf(d))
		}
	}
}
