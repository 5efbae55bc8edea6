package target

import (
	"io"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/pkg/worker/internal/pace"
)

// chunk is how much of a body is written at once.
const chunk = 64 << 10

// counters are what the target knows of its own work.
type counters struct{ ok, refused atomic.Int64 }

func (c *counters) received() int64 { return c.ok.Load() + c.refused.Load() }

// echo answers HTTP requests as they ask.
type echo struct {
	// filler is written as the body of every sized answer; never changed.
	filler []byte
	count  *counters
	delay  time.Duration
}

func newEcho(count *counters, delay time.Duration) *echo {
	filler := make([]byte, chunk)
	for i := range filler {
		filler[i] = 'a' + byte(i%26)
	}
	return &echo{filler: filler, count: count, delay: delay}
}

// ServeHTTP implements http.Handler.
func (e *echo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a, err := parseAsk(r.URL.RawQuery)
	if err == nil && r.ContentLength > wire.MaxBodyBytes {
		err = errTooLarge
	}
	if err != nil {
		e.refuse(w, err)
		return
	}
	var body []byte
	if r.ContentLength != 0 {
		// The whole request is read before the answer begins, as an
		// application would.
		limited := http.MaxBytesReader(w, r.Body, wire.MaxBodyBytes)
		if a.size == noSize {
			body, err = io.ReadAll(limited)
		} else {
			_, err = io.Copy(io.Discard, limited)
		}
		if err != nil {
			e.refuse(w, err)
			return
		}
	}
	pause(r.Context().Done(), a.delay+e.delay)
	size := a.size
	if size == noSize {
		size = len(body)
	}
	w.Header().Set("Content-Type", "text/plain")
	w.Header().Set("Content-Length", strconv.Itoa(size))
	w.WriteHeader(a.status)
	e.count.ok.Add(1)
	if a.size == noSize {
		_, _ = w.Write(body)
		return
	}
	for size > 0 {
		n, err := w.Write(e.filler[:min(size, chunk)])
		if err != nil {
			return // the client has gone; it counts the error
		}
		size -= n
	}
}

func (e *echo) refuse(w http.ResponseWriter, err error) {
	e.count.refused.Add(1)
	http.Error(w, "meshbench target: "+err.Error(), http.StatusBadRequest)
}

// pause waits for d unless the client goes away.
func pause(done <-chan struct{}, d time.Duration) {
	if d > 0 {
		pace.Until(done, time.Now().Add(d))
	}
}
