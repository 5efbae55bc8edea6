package data

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/grid"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// fortioResult is one trial in the words of fortio's HTTPRunnerResults, as far
// as scripts and fortio's own pages read them. Durations are in seconds except
// ActualDuration, which is in nanoseconds.
type fortioResult struct {
	RunType                 string
	Labels                  string
	StartTime               time.Time
	RequestedQPS            string
	RequestedDuration       string
	ActualQPS               float64
	ActualDuration          int64
	NumThreads              int
	Version                 string
	DurationHistogram       *fortioHistogram
	ErrorsDurationHistogram *fortioHistogram
	Exactly                 int64
	Jitter                  bool
	Uniform                 bool
	NoCatchUp               bool
	RunID                   int64
	AccessLoggerInfo        string
	ID                      string
	RetCodes                map[string]int64
	// HTTP only.
	Sizes       *fortioHistogram `json:",omitempty"`
	HeaderSizes *fortioHistogram `json:",omitempty"`
	SocketCount int64            `json:",omitempty"`
}

type fortioHistogram struct {
	Count       int64
	Min         float64
	Max         float64
	Sum         float64
	Avg         float64
	StdDev      float64
	Data        []fortioBucket
	Percentiles []fortioPercentile `json:",omitempty"`
}

type fortioBucket struct {
	Start, End float64
	// Percent is of all samples up to End.
	Percent float64
	Count   int64
}

type fortioPercentile struct{ Percentile, Value float64 }

// Fortio writes an array with fortio's result of each completed trial.
// fortio keeps one result a file, so its own pages need the array split.
//
// As fortio has it, DurationHistogram and ActualQPS count failed requests too,
// and ErrorsDurationHistogram those alone. The durations are what users wait
// for: in an open schedule the response time, which fortio does not measure,
// but the service time of a failed request.
func Fortio(out io.Writer, r v1alpha1.Report, _ term.Style) error {
	levels := levelsOf(r)
	all := []fortioResult{}
	for _, t := range r.Trials {
		if !t.Usable() {
			continue
		}
		level, ok := levels[t.Experiment][t.Level]
		if !ok {
			continue // a level that the experiment does not have any more
		}
		one, err := fortioOf(r, t, level)
		if err != nil {
			return fmt.Errorf("trial %s: %w", t.ID, err)
		}
		all = append(all, one)
	}
	return term.JSON(out, all)
}

func fortioOf(r v1alpha1.Report, t v1alpha1.Trial, level v1alpha1.Level) (fortioResult, error) {
	failed, err := decoded(t.Load.ErrorTime)
	if err != nil {
		return fortioResult{}, fmt.Errorf("failed requests: %w", err)
	}
	answered, err := decoded(t.Load.Latency())
	if err != nil {
		return fortioResult{}, err
	}
	var all counted = answered
	if failed.Count() > 0 {
		both := stats.NewHistogram()
		if err := errors.Join(both.Add(answered), both.Add(failed)); err != nil {
			return fortioResult{}, err
		}
		all = both
	}
	out := fortioResult{
		RunType: "HTTP",
		Labels: term.Clean(strings.Join([]string{r.Run.ID, t.Experiment, t.Level, t.Arm, "round " + strconv.Itoa(t.Round)},
			" ")),
		StartTime: t.Window.StartedAt, RequestedQPS: level.Rate.String(),
		RequestedDuration: duration(t.Window.Seconds).Round(time.Second).String(),
		ActualQPS:         float64(t.Load.Requests+t.Load.Failed()) / t.Window.Seconds,
		ActualDuration:    int64(duration(t.Window.Seconds)),
		NumThreads:        level.Connections, Version: "meshbench " + term.Clean(r.Run.Version),
		DurationHistogram: fortioHistogramOf(all), ErrorsDurationHistogram: fortioHistogramOf(failed),
		// Connections take turns, and late requests are sent at once.
		Uniform: !level.Rate.ClosedLoop(), ID: fortioID(t), RetCodes: map[string]int64{},
		Sizes: &fortioHistogram{}, HeaderSizes: &fortioHistogram{}, SocketCount: t.Load.Sockets,
	}
	protocol, ok := wire.ProtocolOf(level.Protocol)
	if !ok {
		return fortioResult{}, fmt.Errorf("fortio's JSON cannot say what protocol %q is", term.Clean(string(level.Protocol)))
	}
	if !protocol.HTTP() {
		out.RunType = "GRPC Health" // fortio's other kind
		out.Sizes, out.HeaderSizes, out.SocketCount = nil, nil, 0
	}
	if t.Load.Requests > 0 {
		out.RetCodes[protocol.Success] = t.Load.Requests
	}
	for _, e := range t.Load.Errors {
		code := "-1" // what fortio calls a socket's error
		if e.Class == v1alpha1.ErrorStatus || e.Class == v1alpha1.ErrorGRPC {
			code = term.Clean(e.Detail)
		}
		if _, err := strconv.Atoi(code); err != nil && protocol.HTTP() {
			code = "-1"
		}
		out.RetCodes[code] += e.Count
	}
	return out, nil
}

// decoded is empty where there is no histogram.
func decoded(in *v1alpha1.Histogram) (stats.Distribution, error) {
	if in == nil {
		return stats.Distribution{}, nil
	}
	return stats.DistributionFromAPI(in)
}

func duration(seconds float64) time.Duration {
	return time.Duration(math.Min(seconds*float64(time.Second), math.MaxInt64/2))
}

// fortioID has the form that fortio names its files by.
func fortioID(t v1alpha1.Trial) string {
	const longest = 96
	keep := func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '_'
	}
	id := t.Window.StartedAt.UTC().Format("2006-01-02-150405") + "_" + strings.Map(keep, t.ID)
	return id[:min(len(id), longest)]
}

// counted is a histogram or a distribution.
type counted interface {
	Count() int64
	Quantile(q float64) time.Duration
	Bars() []stats.Bar
}

// fortioHistogramOf joins buckets until they are about 2 % wide, as many as
// fortio's pages can draw. Its percentiles are those of the full resolution.
func fortioHistogramOf(h counted) *fortioHistogram {
	out := &fortioHistogram{Data: []fortioBucket{}}
	if h.Count() == 0 {
		return out
	}
	out.Count, out.Min, out.Max = h.Count(), h.Quantile(0).Seconds(), h.Quantile(1).Seconds()
	var squares float64
	sum := int64(0)
	last := math.MinInt
	var bins grid.Finder
	for _, b := range h.Bars() {
		middle := (b.From.Seconds() + b.To.Seconds()) / 2
		out.Sum += middle * float64(b.Count)
		squares += middle * middle * float64(b.Count)
		if bin := bins.Bin(b.From); bin != last {
			last = bin
			out.Data = append(out.Data, fortioBucket{Start: b.From.Seconds()})
		}
		sum += b.Count
		bucket := &out.Data[len(out.Data)-1]
		bucket.Count += b.Count
		bucket.End, bucket.Percent = b.To.Seconds(), 100*float64(sum)/float64(out.Count)
	}
	// fortio's first and last bucket end at the extremes.
	out.Data[0].Start, out.Data[len(out.Data)-1].End = out.Min, out.Max
	out.Avg = out.Sum / float64(out.Count)
	out.StdDev = math.Sqrt(math.Max(0, squares/float64(out.Count)-out.Avg*out.Avg))
	for _, m := range metric.Latencies() {
		if m.Quantile > 0 {
			out.Percentiles = append(out.Percentiles,
				fortioPercentile{math.Round(m.Quantile*1e6) / 1e4, h.Quantile(m.Quantile).Seconds()})
		}
	}
	return out
}
