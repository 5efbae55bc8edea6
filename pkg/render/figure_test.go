package render

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

func of(v float64) *float64 { return &v }

func usageOf(pod string, side v1alpha1.Side, part v1alpha1.Part, source v1alpha1.SourceName, cpu *float64, missing string) v1alpha1.ContainerUsage {
	return v1alpha1.ContainerUsage{Namespace: "n", Pod: pod, Container: "c", Side: side, Part: part, Source: source, CPUSeconds: cpu, Missing: missing}
}

func trialWith(containers ...v1alpha1.ContainerUsage) v1alpha1.Trial {
	return v1alpha1.Trial{Window: &v1alpha1.Window{Seconds: 10}, Load: &v1alpha1.LoadResult{Requests: 2000}, Resources: &v1alpha1.Resources{Containers: containers}}
}

func partNamed(t *testing.T, name string) usePart {
	t.Helper()
	for _, p := range useParts() {
		if p.name == name {
			return p
		}
	}
	t.Fatalf("no part %s", name)
	return usePart{}
}

func TestUseCountsEachContainerOnceByItsBestSource(t *testing.T) {
	trial := trialWith(
		usageOf("load-1", v1alpha1.SideClient, v1alpha1.PartProxy, v1alpha1.SourceCAdvisor, of(99), ""),
		usageOf("load-1", v1alpha1.SideClient, v1alpha1.PartProxy, v1alpha1.SourceInPod, of(4), ""),
		usageOf("load-2", v1alpha1.SideClient, v1alpha1.PartProxy, v1alpha1.SourceInPod, nil, "hidden"),
		usageOf("load-2", v1alpha1.SideClient, v1alpha1.PartProxy, v1alpha1.SourceMetricsAPI, of(6), ""),
		usageOf("load-1", v1alpha1.SideServer, v1alpha1.PartProxy, v1alpha1.SourceInPod, of(50), ""),
	)
	u := useOf(trial, partNamed(t, "client-side proxy"))
	if u.cpuSeconds == nil || *u.cpuSeconds != 10 || len(u.missing) != 0 {
		t.Errorf("it used %v, missing %v", u.cpuSeconds, u.missing)
	}
	if ms, rounds := perThousand([]v1alpha1.Trial{trial, trial}, partNamed(t, "client-side proxy")); rounds != 2 || math.Abs(*ms-5000) > 1e-6 {
		t.Errorf("%v CPU-ms per 1 000 requests in %d rounds", ms, rounds)
	}
}

func TestWhatIsNotMeasuredMakesTheSumUnknown(t *testing.T) {
	trial := trialWith(
		usageOf("a", v1alpha1.SideNode, v1alpha1.PartProxy, v1alpha1.SourceCAdvisor, of(4), ""),
		usageOf("b", v1alpha1.SideNode, v1alpha1.PartProxy, v1alpha1.SourceCAdvisor, nil, "forbidden"),
	)
	u := useOf(trial, partNamed(t, "node proxies"))
	if u.cpuSeconds != nil || len(u.missing) != 1 || !u.present {
		t.Errorf("it used %v, missing %v", u.cpuSeconds, u.missing)
	}
	if ms, rounds := perThousand([]v1alpha1.Trial{trial}, partNamed(t, "node proxies")); ms != nil || rounds != 0 {
		t.Errorf("%v in %d rounds", ms, rounds)
	}
	if u := useOf(trial, partNamed(t, "waypoints")); u.present || u.cpuSeconds != nil {
		t.Errorf("there is a waypoint: %+v", u)
	}
}

func TestUseOfAPartOfTheWindowIsScaledToIt(t *testing.T) {
	c := usageOf("a", v1alpha1.SideServer, v1alpha1.PartApplication, v1alpha1.SourceInPod, of(4), "")
	c.CoveredSeconds = 8
	if u := useOf(trialWith(c), partNamed(t, "target")); *u.cpuSeconds != 5 {
		t.Errorf("4 s in 8 of 10 s are %g", *u.cpuSeconds)
	}
}

func TestSamplesStandForTheSecondsBeforeThem(t *testing.T) {
	cores, memory := bySecond(6, &v1alpha1.UsageSeries{OffsetSeconds: []float64{2, 4}, CPUCores: []float64{1, 3}, MemoryBytes: []int64{7}})
	for s, want := range map[int]float64{0: 1, 1: 1, 2: 3, 3: 3} {
		if cores[s] != want {
			t.Errorf("second %d has %g cores, want %g", s, cores[s], want)
		}
	}
	if _, ok := cores[4]; ok || len(memory) != 2 {
		t.Errorf("seconds without a sample have one: %v %v", cores, memory)
	}
	if cores, _ := bySecond(1e12, &v1alpha1.UsageSeries{OffsetSeconds: []float64{1e12}, CPUCores: []float64{1}}); len(cores) > longestWindow {
		t.Errorf("a window of 30,000 years has %d seconds", len(cores))
	}
	if cores, _ := bySecond(6, &v1alpha1.UsageSeries{OffsetSeconds: []float64{4, 2}, CPUCores: []float64{1, 3}}); len(cores) != 0 {
		t.Errorf("samples out of order are used: %v", cores)
	}
}

func TestDensitiesLoseNoSample(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		h := stats.NewHistogram()
		n := 1 + random.IntN(2000)
		for range n {
			h.Record(time.Duration(math.Exp(25 * random.Float64())))
		}
		d := densityOf(h)
		for what, sum := range map[string]float64{"fine": d.sum(), "coarse": d.coarse(1 + random.IntN(20)).sum(), "smooth": d.smooth(random.IntN(4)).sum()} {
			if math.Abs(sum-float64(n)) > 1e-6 {
				t.Fatalf("%s density holds %g of %d samples", what, sum, n)
			}
		}
		if low := edge(d.first); low > h.Min().Seconds()*1.0001 || edge(d.first+1) < h.Min().Seconds()*0.999 {
			t.Fatalf("the first bin is from %g, the least sample %s", low, h.Min())
		}
	}
}

func TestACourseIsTheMedianOfItsRounds(t *testing.T) {
	got := courses{{0: 1, 1: 5}, {0: 3}, {0: 2, 7: 9}}.summary()
	want := []course{{0, 2, 1, 3}, {1, 5, 5, 5}, {7, 9, 9, 9}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	long := make([]course, 10_000)
	for i := range long {
		long[i] = course{offset: i, high: float64(i % 977)}
	}
	thin := thinned(long)
	highest := 0.0
	for _, c := range thin {
		highest = max(highest, c.high)
	}
	if len(thin) > mostPoints || highest != 976 {
		t.Errorf("%d points with a peak of %g", len(thin), highest)
	}
}

func TestTailsEndWhereTooFewSamplesLieAbove(t *testing.T) {
	h := stats.NewHistogram()
	for i := range 1000 {
		h.Record(time.Duration(i+1) * time.Millisecond)
	}
	if quantile(h, 0.99) == nil || quantile(h, 0.991) != nil {
		t.Errorf("of 1 000 samples p99 is %v, p99.1 %v", quantile(h, 0.99), quantile(h, 0.991))
	}
}

func TestTicksSayNoMoreThanTheyMust(t *testing.T) {
	for _, c := range []struct {
		v    float64
		unit v1alpha1.Unit
		want string
	}{
		{0.001, v1alpha1.UnitSeconds, "1 ms"}, {0.0015, v1alpha1.UnitSeconds, "1.5 ms"}, {2e-4, v1alpha1.UnitSeconds, "200 µs"}, {1, v1alpha1.UnitSeconds, "1 s"},
		{3e-8, v1alpha1.UnitSeconds, "30 ns"}, {0.2, v1alpha1.UnitRatio, "20 %"}, {5000, v1alpha1.UnitPerSecond, "5000"}, {30000, v1alpha1.UnitPerSecond, "30k"}, {2e6, "", "2M"},
	} {
		if got := tickText(c.unit)(c.v); got != c.want {
			t.Errorf("%g is written %q, want %q", c.v, got, c.want)
		}
	}
	for v, want := range map[float64]string{512: "512 B", 1536: "1.5 KiB", 55 << 20: "55 MiB", 3 << 30: "3 GiB"} {
		if got := bytesText(v); got != want {
			t.Errorf("%g bytes are written %q, want %q", v, got, want)
		}
	}
}
