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
		Hello: &wire.Hello{Version: release, Trial: spec.Trial, Host: wire.Host{Kernel: "6.1"}}}
}

func started() wire.Frame {
	return wire.Frame{Type: wire.TypeStarted, Started: &wire.Started{WindowStart: time.Now()}}
}

func second(offset int) wire.Frame {
	return wire.Frame{Type: wire.TypeSecond, Second: &v1alpha1.Second{OffsetSeconds: offset, Requests: 10}}
}

func result(latencies ...time.Duration) wire.Frame {
	h := stats.NewHistogram()
	for _, l := range latencies {
		h.Record(l)
	}
	return wire.Frame{Type: wire.TypeResult, Result: &wire.Result{
		Window: v1alpha1.Window{Seconds: 1},
		Load:   v1alpha1.LoadResult{Requests: int64(len(latencies)), ServiceTime: h.ToAPI()},
	}}
}

// encoded are frames as they are in a log. Writing to memory cannot fail.
func encoded(frames ...wire.Frame) []byte {
	var b bytes.Buffer
	w := wire.NewWriter(&b)
	for _, f := range frames {
		_ = w.Write(f)
	}
	return b.Bytes()
}

func wholeBytes(spec wire.LoadSpec) []byte {
	return encoded(hello(spec), started(), second(0), second(1), result(time.Millisecond, 2*time.Millisecond),
		wire.Frame{Type: wire.TypeEnd})
}

// whole is the log of a worker that did what it was asked.
func whole(spec wire.LoadSpec) io.ReadCloser { return closer(wholeBytes(spec)) }
