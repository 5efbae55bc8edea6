package page

import (
	"slices"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

func TestSamplesStandForTheSecondsBeforeThem(t *testing.T) {
	cores, memory := bySecond(6,
		&v1alpha1.UsageSeries{OffsetSeconds: []float64{2, 4}, CPUCores: []float64{1, 3}, MemoryBytes: []int64{7}})
	if want := []sample{{0, 1}, {1, 1}, {2, 3}, {3, 3}}; !slices.Equal(cores, want) {
		t.Errorf("cores are %v, want %v", cores, want)
	}
	if want := []sample{{0, 7}, {1, 7}}; !slices.Equal(memory, want) {
		t.Errorf("memory is %v, want %v", memory, want)
	}
	if cores, _ := bySecond(1e12,
		&v1alpha1.UsageSeries{OffsetSeconds: []float64{1e12}, CPUCores: []float64{1}}); len(cores) > longestWindow {
		t.Errorf("a window of 30,000 years has %d seconds", len(cores))
	}
	if cores, _ := bySecond(6,
		&v1alpha1.UsageSeries{OffsetSeconds: []float64{4, 2}, CPUCores: []float64{1, 3}}); len(cores) != 0 {
		t.Errorf("samples out of order are used: %v", cores)
	}
}

func TestAPartIsTheSumOfItsContainersWhereAllAreKnown(t *testing.T) {
	container := func(pod string, side v1alpha1.Side, part v1alpha1.Part, cores ...float64) v1alpha1.ContainerUsage {
		c := v1alpha1.ContainerUsage{Pod: pod, Side: side, Part: part, Node: "n", Source: v1alpha1.SourceInPod,
			Series: &v1alpha1.UsageSeries{CPUCores: cores}}
		for i := range cores {
			c.Series.OffsetSeconds = append(c.Series.OffsetSeconds, float64(i+1))
		}
		return c
	}
	again := container("load-1", v1alpha1.SideClient, v1alpha1.PartProxy, 99, 99)
	again.Source = v1alpha1.SourceCAdvisor
	node := func(name, machine string) v1alpha1.NodeUsage {
		return v1alpha1.NodeUsage{Node: name, Machine: machine,
			Series: &v1alpha1.UsageSeries{OffsetSeconds: []float64{1}, CPUCores: []float64{5}}}
	}
	all := seriesOf(v1alpha1.Trial{Window: &v1alpha1.Window{Seconds: 10}, Resources: &v1alpha1.Resources{
		Containers: []v1alpha1.ContainerUsage{
			again, container("load-1", v1alpha1.SideClient, v1alpha1.PartProxy, 1, 2, 3),
			container("load-2", v1alpha1.SideClient, v1alpha1.PartProxy, 10, 20),
			container("target", v1alpha1.SideServer, v1alpha1.PartProxy, 50),
		},
		Nodes: []v1alpha1.NodeUsage{node("n", "machine"), node("elsewhere", "")},
	}})
	for i, part := range useParts() {
		want := map[string][]sample{"client-side proxy": {{0, 11}, {1, 22}}, "server-side proxy": {{0, 50}},
			"whole nodes": {{0, 5}}}[part.name]
		if !slices.Equal(all[i].cores, want) {
			t.Errorf("%s: %v, want %v", part.name, all[i].cores, want)
		}
	}
}

func TestACourseIsTheMedianOfItsRounds(t *testing.T) {
	got := summary([]sample{{0, 1}, {1, 5}, {0, 3}, {0, 2}, {7, 9}})
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
		{0.001, v1alpha1.UnitSeconds, "1 ms"}, {0.0015, v1alpha1.UnitSeconds, "1.5 ms"},
		{2e-4, v1alpha1.UnitSeconds, "200 µs"}, {1, v1alpha1.UnitSeconds, "1 s"},
		{3e-8, v1alpha1.UnitSeconds, "30 ns"}, {0.2, v1alpha1.UnitRatio, "20 %"}, {5000, v1alpha1.UnitPerSecond, "5000"},
		{30000, v1alpha1.UnitPerSecond, "30k"}, {2e6, "", "2M"},
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
