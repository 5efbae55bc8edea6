// Package fortio reads what -o fortio writes with fortio's own types, which
// the renderer itself may not know.
package fortio

import (
	"bytes"
	"encoding/json"
	"math"
	"testing"

	"fortio.org/fortio/fgrpc"
	"fortio.org/fortio/fhttp"
	fstats "fortio.org/fortio/stats"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/render"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

// read renders a report and reads it strictly: a field that fortio does not
// have is an error.
func read[T any](t *testing.T, o fixture.Options) (v1alpha1.Report, []T) {
	t.Helper()
	r, _ := fixture.Report(o)
	format, err := render.ParseFormat("fortio")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := render.Write(&out, format, r, term.Style{}); err != nil {
		t.Fatal(err)
	}
	var results []T
	decoder := json.NewDecoder(&out)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&results); err != nil {
		t.Fatal(err)
	}
	if len(results) != len(r.Trials) {
		t.Fatalf("%d results of %d trials", len(results), len(r.Trials))
	}
	return r, results
}

func TestFortioReadsOurTrials(t *testing.T) {
	broken := func(x *v1alpha1.Trial) {
		h := stats.NewHistogram()
		for i := range 10 {
			h.Record(1e6 * 1 << i)
		}
		x.Load.ErrorTime = h.ToAPI()
		x.Load.Errors = []v1alpha1.ErrorCount{{Class: v1alpha1.ErrorStatus, Detail: "503", Count: 7},
			{Class: v1alpha1.ErrorReset, Detail: "reset by peer", Count: 3}}
	}
	r, results := read[fhttp.HTTPRunnerResults](t, fixture.Options{Samples: 50_000, Edit: broken})
	for i, got := range results {
		trial := r.Trials[i]
		all, err := stats.FromAPI(trial.Load.ServiceTime)
		if err != nil {
			t.Fatal(err)
		}
		failed, _ := stats.FromAPI(trial.Load.ErrorTime)
		_ = all.Merge(failed)
		if got.RunType != "HTTP" || got.NumThreads != 32 || !got.StartTime.Equal(trial.Window.StartedAt) ||
			got.RequestedQPS != "max" || got.SocketCount != trial.Load.Sockets {
			t.Errorf("trial %s: %+v", trial.ID, got.RunnerResults)
		}
		if got.RetCodes[200] != trial.Load.Requests || got.RetCodes[503] != 7 || got.RetCodes[-1] != 3 {
			t.Errorf("trial %s: codes %v", trial.ID, got.RetCodes)
		}
		if math.Abs(got.ActualQPS*got.ActualDuration.Seconds()-float64(got.DurationHistogram.Count)) > 1 {
			t.Errorf("trial %s: %g/s for %s are not %d requests", trial.ID, got.ActualQPS, got.ActualDuration,
				got.DurationHistogram.Count)
		}
		same(t, got.DurationHistogram, all)
		same(t, got.ErrorsDurationHistogram, failed)
	}
}

func TestFortioReadsGRPC(t *testing.T) {
	e := fixture.Named("exp4", 2)
	e.Spec.Factors.Protocol = v1alpha1.Values[v1alpha1.Protocol]{v1alpha1.ProtocolGRPC}
	r, results := read[fgrpc.GRPCRunnerResults](t, fixture.Options{Experiment: e, Edit: func(x *v1alpha1.Trial) {
		x.Load.Errors = []v1alpha1.ErrorCount{{Class: v1alpha1.ErrorGRPC, Detail: "Unavailable", Count: 2}}
	}})
	for i := range results {
		got := &results[i] // which holds a lock
		if got.RunType != "GRPC Health" || got.RetCodes["SERVING"] != r.Trials[i].Load.Requests ||
			got.RetCodes["Unavailable"] != 2 {
			t.Errorf("%s: codes %v", got.RunType, got.RetCodes)
		}
		all, err := stats.FromAPI(r.Trials[i].Load.ServiceTime)
		if err != nil {
			t.Fatal(err)
		}
		same(t, got.DurationHistogram, all)
	}
}

// same holds fortio's view of a histogram against the samples' own.
func same(t *testing.T, got *fstats.HistogramData, want *stats.Histogram) {
	t.Helper()
	if got.Count != want.Count() || got.Min != want.Min().Seconds() || got.Max != want.Max().Seconds() {
		t.Errorf("%d from %g to %g, want %d from %s to %s", got.Count, got.Min, got.Max, want.Count(), want.Min(), want.Max())
	}
	if math.Abs(got.Avg/want.Mean().Seconds()-1) > 0.001 || got.StdDev <= 0 || got.StdDev > got.Max {
		t.Errorf("mean %g, deviation %g; want mean %s", got.Avg, got.StdDev, want.Mean())
	}
	var sum int64
	for i, b := range got.Data {
		sum += b.Count
		if b.Start > b.End || i > 0 && b.Start < got.Data[i-1].End {
			t.Errorf("bucket %d is %g to %g", i, b.Start, b.End)
		}
	}
	if sum != got.Count || math.Abs(got.Data[len(got.Data)-1].Percent-100) > 1e-9 {
		t.Errorf("buckets hold %d of %d samples", sum, got.Count)
	}
	for _, p := range got.Percentiles {
		exact := want.Quantile(p.Percentile / 100).Seconds()
		if p.Value != exact {
			t.Errorf("p%g is %g, want %g", p.Percentile, p.Value, exact)
		}
		// What fortio computes from the buckets is as exact as they are wide;
		// few samples lie far apart.
		if got.Count > 1000 && p.Percentile < 99.9 && math.Abs(got.CalcPercentile(p.Percentile)/exact-1) > 0.025 {
			t.Errorf("fortio computes p%g = %g from the buckets, want %g", p.Percentile, got.CalcPercentile(p.Percentile), exact)
		}
	}
}
