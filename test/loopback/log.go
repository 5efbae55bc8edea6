package loopback

import (
	"bytes"
	"net/http"
	"slices"
	"sync"
	"time"
)

// output is what a container has written.
type output struct {
	mu    sync.Mutex
	bytes bytes.Buffer
	done  bool
	cut   int // how many bytes the next stream of a cut log holds
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.bytes.Write(p)
}

func (o *output) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.done = true
}

func (o *output) ended() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.done
}

func (o *output) from(offset int) ([]byte, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.bytes.Bytes()[min(offset, o.bytes.Len()):]), o.done
}

// log streams a container's log.
func (p *pods) log(w *answer, r *http.Request, at place) {
	p.mu.Lock()
	run := p.running[at]
	p.mu.Unlock()
	node := ""
	if o := p.store.get(at); o != nil {
		node = nodeOf(o)
	}
	if p.kubelets.back(node) != nil {
		w.noKubelet(at)
		return
	}
	if run == nil {
		w.refuse(http.StatusBadRequest,
			"container \""+container+"\" in pod \""+at.name+"\" is waiting to start: ContainerCreating")
		return
	}
	offset, left := p.logBounds(run, r)
	w.Header().Set("Content-Type", "text/plain")
	w.WriteHeader(http.StatusOK)
	w.flush()
	for {
		if p.kubelets.back(node) != nil {
			w.cut()
			return
		}
		part, done := run.output.from(offset)
		if left >= 0 && len(part) > left {
			_, _ = w.Write(part[:left])
			return
		}
		if _, err := w.Write(part); err != nil {
			return
		}
		w.flush()
		offset += len(part)
		if left >= 0 {
			left -= len(part)
		}
		if done {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// logBounds says from where a stream is read and how many bytes it holds; all
// if that is below 0.
func (p *pods) logBounds(run *process, r *http.Request) (offset, left int) {
	q := r.URL.Query()
	if q.Get("tailLines") != "" || q.Get("sinceTime") != "" {
		all, _ := run.output.from(0)
		offset = bytes.LastIndexByte(bytes.TrimSuffix(all, []byte("\n")), '\n') + 1
	}
	if !run.load {
		return offset, -1
	}
	run.output.mu.Lock()
	defer run.output.mu.Unlock()
	first := run.output.cut == 0
	left = -1
	if n := p.scenario.Logs.CutAfterBytes; n > 0 {
		left = max(n, 2*run.output.cut)
	}
	run.output.cut = max(left, 1)
	if !first {
		offset = max(offset, p.scenario.Logs.RotatedBytes)
	}
	return offset, left
}
