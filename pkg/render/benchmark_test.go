//go:build unix

package render_test

import (
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/render"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
	"github.com/meshbench/kubectl-meshbench/test/golden"
)

// BenchmarkThousandTrials writes a report of 1,000 trials of 30 s, with what its
// containers and nodes used in each second, and of a search. It reports the
// processor time of the process, collection of garbage included: that is the
// figure to compare on a machine that others use too.
func BenchmarkThousandTrials(b *testing.B) {
	r := golden.Analysed(b, func(o fixture.Options) (v1alpha1.Report, map[string][]v1alpha1.Level) {
		trials, levels := fixture.Report(o)
		search, more := fixture.Search(fixture.SearchOptions{})
		return fixture.Join(trials, levels, search, more)
	}, fixture.Options{Experiment: fixture.Named("exp1", 500), Edit: fixture.WithWindow})
	if len(r.Comparisons) == 0 || r.Comparisons[0].Ratio == nil {
		b.Fatal("there is nothing to write")
	}
	measured := func(name string, formats []string) {
		b.Run(name, func(b *testing.B) {
			runtime.GC() // what making the report left behind
			before := processorTime(b)
			var out counter
			for b.Loop() {
				for _, format := range formats {
					f, err := render.ParseFormat(format)
					if err == nil {
						err = render.Write(&out, f, r, term.Style{})
					}
					if err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric((processorTime(b)-before).Seconds()/float64(b.N), "cpu-s/op")
			b.ReportMetric(float64(out)/float64(b.N)/(1<<20), "MiB/op")
		})
	}
	for _, format := range render.Formats() {
		measured(format, []string{format})
	}
	measured("all", render.Formats())
}

// counter counts bytes.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// processorTime is what this process has used, by user and system.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
