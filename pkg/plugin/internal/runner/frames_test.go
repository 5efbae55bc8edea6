package runner

import (
	"bytes"
	"io"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

const release = "v1.2.3"

func hello(spec wire.LoadSpec) wire.Frame {
	return wire.Frame{Type: wire.TypeHello,
		Hello: &wire.Hello{Version: release, Trial: spec.Trial, Now: time.Now(), Host: wire.Host{Kernel: "6.1"}}}
}

// startOf is when a worker with that specification begins its window, now.
func startOf(spec wire.LoadSpec) time.Time {
	if spec.StartAt != nil {
		return *spec.StartAt
	}
	return time.Now().UTC()
}

func started(spec wire.LoadSpec) wire.Frame {
	return wire.Frame{Type: wire.TypeStarted, Started: &wire.Started{WindowStart: startOf(spec)}}
}

// second is as in a whole log, which counts both requests in the first one.
func second(offset int) wire.Frame {
	s := v1alpha1.Second{OffsetSeconds: offset}
	if offset == 0 {
		s.Requests = 2
	}
	return wire.Frame{Type: wire.TypeSecond, Second: &s}
}

// loadOf is what a worker measured that sent requests with these latencies, and
// left the rest of what was due unsent.
func loadOf(spec wire.LoadSpec, latencies *stats.Histogram) v1alpha1.LoadResult {
	n := latencies.Count()
	load := v1alpha1.LoadResult{Requests: n, ServiceTime: latencies.ToAPI()}
	if n == 0 {
		load.ServiceTime = nil
	}
	if spec.Rate.ClosedLoop() {
		return load
	}
	load.ResponseTime, load.SendLag = load.ServiceTime, load.ServiceTime
	load.Unsent = max(int64(float64(spec.Rate)*spec.Window.Seconds()/float64(spec.Clients))-n, 0)
	if load.Unsent > 0 {
		late := stats.NewHistogram()
		late.RecordMany(time.Second, load.Unsent)
		load.Censored = late.ToAPI()
	}
	return load
}

// course are the frames of a worker from its greeting to its end. All requests
// are in the first second of its window, which begins at from.
func course(spec wire.LoadSpec, from time.Time, latencies *stats.Histogram, usages ...wire.Frame) []wire.Frame {
	from = from.UTC()
	greeting := hello(spec)
	greeting.Hello.Now = from
	frames := []wire.Frame{greeting, {Type: wire.TypeStarted, Started: &wire.Started{WindowStart: from}}}
	frames = append(frames, usages...)
	load := loadOf(spec, latencies)
	for i := range int((spec.Window.Duration + time.Second - 1) / time.Second) {
		frames = append(frames, second(i))
		frames[len(frames)-1].Second.Requests = 0
		if i == 0 {
			frames[len(frames)-1].Second.Requests = load.Requests
		}
	}
	return append(frames, wire.Frame{Type: wire.TypeResult, Result: &wire.Result{Load: load, Window: v1alpha1.Window{
		StartedAt: from, EndedAt: from.Add(spec.Window.Duration), Seconds: spec.Window.Seconds()}}},
		wire.Frame{Type: wire.TypeEnd})
}

func latencies(all ...time.Duration) *stats.Histogram {
	h := stats.NewHistogram()
	for _, l := range all {
		h.Record(l)
	}
	return h
}

// encoded are frames as they are in the log of a worker with that key. Writing to
// memory cannot fail.
func encoded(key wire.Key, frames ...wire.Frame) []byte {
	var b bytes.Buffer
	w := wire.NewWriter(&b, key)
	for _, f := range frames {
		_ = w.Write(f)
	}
	return b.Bytes()
}

func wholeBytes(spec wire.LoadSpec) []byte {
	return encoded(spec.Key, course(spec, startOf(spec), latencies(time.Millisecond, 2*time.Millisecond))...)
}

// whole is the log of a worker that did what it was asked.
func whole(spec wire.LoadSpec) io.ReadCloser { return closer(wholeBytes(spec)) }
