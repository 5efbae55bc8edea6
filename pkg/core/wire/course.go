package wire

import (
	"fmt"
	"math"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Course holds what one load worker says to what it was told: hello, probe,
// started, the seconds of the window with what was used, result, end; each once
// and in that order, for the window and the rate that were asked for, and with
// counts that agree with each other. So a log also has a bounded number of
// frames. An error may come at any time, and ends it.
type Course struct {
	spec LoadSpec
	at   stage
	// seconds and usages count frames; requests and errors add up the seconds.
	seconds, usages  int
	requests, errors int64
	greeted, start   time.Time
	probed           bool
}

type stage int

const (
	atHello stage = iota
	atReady
	atWindow
	atResult
	atEnd
)

func (s stage) String() string {
	return [...]string{"hello", "started", "second", "end", "nothing more"}[s]
}

// NewCourse begins the course of a worker with that specification.
func NewCourse(spec LoadSpec) *Course { return &Course{spec: spec} }

const (
	// startSlack is how far a window may begin from where its specification lets it.
	startSlack = time.Minute
	// countSlack is how far counts of an open schedule may be off, relative, beside
	// one request for each connection.
	countSlack = 0.001
)

// Check takes in the next frame, and says what is wrong with it.
func (c *Course) Check(f Frame) error {
	if err := f.check(); err != nil {
		return err
	}
	switch {
	case f.Type == TypeError:
		c.at = atEnd
		return nil
	case f.Type == TypeHello && c.at == atHello:
		return c.hello(*f.Hello)
	case f.Type == TypeProbe && c.at == atReady && !c.probed:
		c.probed = true
		return nil
	case f.Type == TypeStarted && c.at == atReady:
		return c.started(*f.Started)
	case f.Type == TypeSecond && c.at == atWindow:
		return c.second(*f.Second)
	case f.Type == TypeUsage && c.at == atWindow && c.usages < c.wholeSeconds()+1:
		c.usages++
		return nil
	case f.Type == TypeResult && c.at == atWindow:
		return c.result(*f.Result)
	case f.Type == TypeEnd && c.at == atResult:
		c.at = atEnd
		return nil
	}
	return &DamagedError{Reason: fmt.Sprintf("a frame of type %s where %s was due", f.Type, c.at)}
}

func wrong(format string, args ...any) error {
	return &DamagedError{Reason: fmt.Sprintf(format, args...)}
}

// wholeSeconds is the number of seconds that the series has.
func (c *Course) wholeSeconds() int {
	return int((c.spec.Window.Duration + time.Second - 1) / time.Second)
}

func (c *Course) hello(h Hello) error {
	if h.Trial != c.spec.Trial {
		return wrong("the log is of another trial than %s", c.spec.Trial)
	}
	c.at, c.greeted = atReady, h.Now
	return nil
}

func (c *Course) started(s Started) error {
	earliest, latest := c.greeted, c.greeted.Add(c.spec.ReadyTimeout.Duration+c.spec.Warmup.Duration)
	if c.spec.StartAt != nil {
		earliest, latest = *c.spec.StartAt, *c.spec.StartAt
	}
	if s.WindowStart.Before(earliest.Add(-startSlack)) || s.WindowStart.After(latest.Add(startSlack)) {
		return wrong("its window begins at %s, and was to begin from %s to %s", s.WindowStart, earliest, latest)
	}
	c.at, c.start = atWindow, s.WindowStart
	return nil
}

func (c *Course) second(s v1alpha1.Second) error {
	if s.OffsetSeconds != c.seconds || c.seconds >= c.wholeSeconds() {
		return wrong("second %d, where second %d of %d was due", s.OffsetSeconds, c.seconds, c.wholeSeconds())
	}
	if s.Requests < 0 || s.Errors < 0 {
		return wrong("second %d has %d requests and %d errors", s.OffsetSeconds, s.Requests, s.Errors)
	}
	c.seconds++
	c.requests += s.Requests
	c.errors += s.Errors
	return nil
}

func (c *Course) result(r Result) error {
	w, length := r.Window, c.spec.Window.Duration
	switch {
	case c.seconds != c.wholeSeconds():
		return wrong("a result after %d of %d seconds", c.seconds, c.wholeSeconds())
	case !w.StartedAt.Equal(c.start) || w.EndedAt.Sub(w.StartedAt) != length ||
		math.Abs(w.Seconds-length.Seconds()) > 1e-6*length.Seconds():
		return wrong("its window is of %g s from %s to %s, where %s from %s was announced", w.Seconds, w.StartedAt,
			w.EndedAt, length, c.start)
	}
	if err := c.counts(r.Load); err != nil {
		return err
	}
	c.at = atResult
	return nil
}

// counts holds a result to its own histograms, to the seconds, and to the rate.
func (c *Course) counts(l v1alpha1.LoadResult) error {
	var failed, timeouts int64
	for _, e := range l.Errors {
		failed += max(e.Count, 0)
		if e.Class == v1alpha1.ErrorTimeout {
			timeouts += e.Count
		}
	}
	open := !c.spec.Rate.ClosedLoop()
	expected := []struct {
		what     string
		have     int64
		wantSame int64
	}{
		{"requests of its seconds", c.requests, l.Requests},
		{"errors of its seconds", c.errors, failed},
		{"service times", samples(l.ServiceTime), l.Requests},
		{"times of failed requests", samples(l.ErrorTime), failed},
		{"lower bounds", samples(l.Censored), l.Unsent + timeouts},
		{"response times", samples(l.ResponseTime), map[bool]int64{true: l.Requests}[open]},
		{"send lags", samples(l.SendLag), map[bool]int64{true: l.Requests + failed}[open]},
	}
	for _, e := range expected {
		if e.have != e.wantSame || e.have < 0 {
			return wrong("%d %s, where there must be %d", e.have, e.what, e.wantSame)
		}
	}
	window := c.spec.Window.Seconds()
	if open {
		due := float64(c.spec.Rate) * window / float64(c.spec.Clients)
		if n := float64(l.Requests + failed + l.Unsent); math.Abs(n-due) > float64(c.spec.Connections+1)+countSlack*due {
			return wrong("%g requests were due in the window, and it tells of %g", due, n)
		}
		return nil
	}
	// Each connection waits for its answer: there is no more time than that.
	if l.ServiceTime != nil {
		most := float64(c.spec.Connections) * (window + c.spec.RequestTimeout.Seconds())
		if busy := l.ServiceTime.MeanSeconds * float64(l.Requests); busy > most*(1+countSlack)+1 || l.Unsent != 0 {
			return wrong("%d requests took %g s, and %d connections had %g s", l.Requests, busy, c.spec.Connections, most)
		}
	}
	return nil
}

func samples(h *v1alpha1.Histogram) int64 {
	if h == nil {
		return 0
	}
	return h.Count
}
