package target

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/pkg/worker/internal/pace"
)

// chunk is how much of a body is written at once.
const chunk = 64 << 10

// counters are what the target knows of its own work.
type counters struct {
	ok, refused, own, strangers, probes, faults atomic.Int64
	draws
}

// answered counts a request that was answered as it asked, and of whom it came.
func (c *counters) answered(own bool) { c.ok.Add(1); c.from(own) }

// refuse counts one that was not.
func (c *counters) refuse(own bool) { c.refused.Add(1); c.from(own) }

// fail counts one that failed as the run asked.
func (c *counters) fail() { c.faults.Add(1); c.from(true) }

func (c *counters) from(own bool) {
	if own {
		c.own.Add(1)
		return
	}
	c.strangers.Add(1)
}

func (c *counters) served() wire.Served {
	return wire.Served{Own: c.own.Load(), Strangers: c.strangers.Load(), Probes: c.probes.Load(),
		Faults: c.faults.Load()}
}

// echo answers HTTP requests as they ask.
type echo struct {
	// filler is written as the body of every sized answer; never changed.
	filler []byte
	count  *counters
	// path is that of the run's own requests.
	path   string
	most   limits
	budget *budget
	delay  time.Duration
	// onward calls the next target by the protocol that is spoken here; nil for none.
	onward   *onward
	protocol v1alpha1.Protocol
}

func newEcho(count *counters, mark string, most limits, memory *budget, delay time.Duration) *echo {
	filler := make([]byte, chunk)
	for i := range filler {
		filler[i] = 'a' + byte(i%26)
	}
	return &echo{filler: filler, count: count, path: "/" + mark, most: most, budget: memory, delay: delay}
}

// ServeHTTP implements http.Handler.
func (e *echo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	own := r.URL.Path == e.path
	a, err := parseAsk(r.URL.RawQuery, e.most)
	if err == nil && r.ContentLength > int64(e.most.body) {
		err = fmt.Errorf("body larger than %d bytes", e.most.body)
	}
	if err == nil {
		err = e.onward.allows(a.chain, own)
	}
	if err != nil {
		e.refuse(w, own, err)
		return
	}
	takes := int64(requestBytes)
	if a.size == noSize { // the body is held until it is sent back
		if takes += r.ContentLength; r.ContentLength < 0 {
			takes = requestBytes + int64(e.most.body)
		}
	}
	takes += callsBytes(a.chain)
	if !e.budget.take(takes, own) {
		e.count.refuse(own)
		http.Error(w, "meshbench target: "+tooMuch, http.StatusServiceUnavailable)
		return
	}
	defer e.budget.give(takes, own)
	var body []byte
	if r.ContentLength != 0 {
		// The whole request is read before the answer begins, as an
		// application would.
		limited := http.MaxBytesReader(w, r.Body, int64(e.most.body))
		if a.size == noSize {
			body, err = io.ReadAll(limited)
		} else {
			_, err = io.Copy(io.Discard, limited)
		}
		if err != nil {
			e.refuse(w, own, err)
			return
		}
	}
	fails, slow := e.count.draw(a.faults, own)
	pause(r.Context().Done(), delayOf(a.delay, slow)+e.delay)
	if fails {
		e.count.fail()
		http.Error(w, wire.FaultText, http.StatusServiceUnavailable)
		return
	}
	if a.chain.GoesOn() {
		if err := e.onward.web(r.Context(), r.Header, e.protocol, a, e.received(r, body)); err != nil {
			e.count.refuse(own)
			http.Error(w, "meshbench target: "+err.Error(), http.StatusBadGateway)
			return
		}
	}
	size := a.size
	if size == noSize {
		size = len(body)
	}
	w.Header().Set("Content-Type", "text/plain")
	w.Header().Set("Content-Length", strconv.Itoa(size))
	w.WriteHeader(a.status)
	e.count.answered(own)
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

func (e *echo) refuse(w http.ResponseWriter, own bool, err error) {
	e.count.refuse(own)
	http.Error(w, "meshbench target: "+err.Error(), http.StatusBadRequest)
}

// received is the length of a request's body, which has been read.
func (e *echo) received(r *http.Request, body []byte) int64 {
	return max(r.ContentLength, int64(len(body)), 0)
}

// pause waits for d unless the client goes away.
func pause(done <-chan struct{}, d time.Duration) {
	if d > 0 {
		pace.Until(done, time.Now().Add(d))
	}
}
