package meter

import (
	"math"
	"slices"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// span is what a quantity that only grows grew by between two instants.
type span struct {
	from, to time.Time
	amount   float64
}

func (s span) seconds() float64 { return s.to.Sub(s.from).Seconds() }

// counter collects the samples of one cumulative counter.
type counter struct {
	spans []span // in order, without overlaps
	begun bool
	at    time.Time
	value float64
	// resets are the instants of the samples that were lower than the one before.
	resets []time.Time
}

// begin says that the counter was zero at that instant, before its first sample.
func (c *counter) begin(at time.Time) {
	if !c.begun {
		c.begun, c.at = true, at
	}
}

// add takes a sample. One that is not later than the last is the same again. A
// counter that fell has been reset, and grew by at least its new value.
func (c *counter) add(at time.Time, value float64) {
	if !c.begun {
		c.begun, c.at, c.value = true, at, value
		return
	}
	if !at.After(c.at) {
		return
	}
	grown := value - c.value
	if grown < 0 {
		grown = value
		c.resets = append(c.resets, at)
	}
	c.spans = append(c.spans, span{from: c.at, to: at, amount: grown})
	c.at, c.value = at, value
}

// addSpan takes what a source has summed up itself; what overlaps the time
// before is cut off.
func (c *counter) addSpan(s span) {
	if c.begun && s.from.Before(c.at) {
		if !s.to.After(c.at) {
			return
		}
		s.amount *= s.to.Sub(c.at).Seconds() / s.seconds()
		s.from = c.at
	}
	c.spans = append(c.spans, s)
	c.begun, c.at = true, s.to
}

// forget drops what ended before that instant.
func (c *counter) forget(before time.Time) {
	c.spans = slices.DeleteFunc(c.spans, func(s span) bool { return s.to.Before(before) })
}

// growth is what counters grew by within a window.
type growth struct {
	amount float64
	// bound is the most by which amount may be off.
	bound float64
	// covered is the part of the window that spans cover, in seconds.
	covered float64
}

// over spreads each span evenly over its time and sums up what falls into the
// window. What really fell into it is bounded on both sides: by the whole span,
// and by what this many cores can do in the time inside and outside of the
// window; infinitely many if their number is not known.
func over(spans []span, w v1alpha1.Window, cores float64) growth {
	var g growth
	for _, s := range spans {
		inside := overlap(s, w)
		if inside <= 0 {
			continue
		}
		g.covered += inside
		amount := inside / s.seconds() * s.amount
		g.amount += amount
		if s.from.Before(w.StartedAt) || s.to.After(w.EndedAt) {
			least := max(0, s.amount-cores*(s.seconds()-inside))
			most := min(s.amount, cores*inside)
			g.bound += max(amount-least, most-amount, 0)
		}
	}
	return g
}

// unlimited is the number of cores where none is known.
func unlimited() float64 { return math.Inf(1) }

// overlap is the time that a span shares with a window, in seconds.
func overlap(s span, w v1alpha1.Window) float64 {
	from, to := s.from, s.to
	if from.Before(w.StartedAt) {
		from = w.StartedAt
	}
	if to.After(w.EndedAt) {
		to = w.EndedAt
	}
	return to.Sub(from).Seconds()
}

// level is a sample of a quantity that goes up and down.
type level struct {
	at    time.Time
	value float64
}

// addLevel adds a sample unless it is the last one again.
func addLevel(levels []level, l level) []level {
	if n := len(levels); n > 0 && !l.at.After(levels[n-1].at) {
		return levels
	}
	return append(levels, l)
}

// meanAndMax takes the samples within the window. Without any, both are those
// of the last sample before it: a level holds until another is seen, for at
// most staleAfter.
func meanAndMax(levels []level, w v1alpha1.Window) (mean, most float64, ok bool) {
	var sum float64
	var n int
	var before *level
	for i, l := range levels {
		switch {
		case !l.at.Before(w.EndedAt):
		case l.at.Before(w.StartedAt):
			before = &levels[i]
		default:
			sum += l.value
			most = max(most, l.value)
			n++
		}
	}
	if n > 0 {
		return sum / float64(n), most, true
	}
	if before != nil && w.StartedAt.Sub(before.at) <= staleAfter {
		return before.value, before.value, true
	}
	return 0, 0, false
}

// staleAfter is how old a sample may be and still say something: twice the
// interval of most scrapes.
const staleAfter = time.Minute
