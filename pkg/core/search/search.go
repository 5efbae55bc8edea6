// Package search finds the highest rate at which an objective holds. It is a
// pure function from the trials done so far to the next rate to try, so that a
// search can be stopped anywhere and goes on from its trials alone.
//
// A rate near the limit holds in some trials and fails in others. What is
// looked for is the rate where one turns into the other: a rate is confirmed by
// the outcome that comes up a number of times first, which for independent
// trials errs the less often the farther the rate is from the limit.
package search

import (
	"fmt"
	"math"
	"slices"
)

// Config says what to look for. All fields but Low and High must be positive.
type Config struct {
	// Low and High bound the rates that are tried, in requests per second; 0 for
	// no bound. Without High the search begins with a closed-loop trial.
	Low, High float64
	// Resolution is how far apart the ends of the result may be, as a share of
	// the lower one.
	Resolution    float64
	Confirmations int
	MaxTrials     int
}

// Outcome is what a trial says about its rate.
type Outcome int

// The outcomes. A trial without a usable result says nothing.
const (
	Void Outcome = iota
	Holds
	Fails
)

// Record is one trial.
type Record struct {
	// Rate is in requests per second; 0 for the closed-loop trial.
	Rate    float64
	Outcome Outcome
	// Achieved is the throughput of the closed-loop trial, in requests per second.
	Achieved float64
	// Value is what the objective's metric was, nil for a void trial.
	Value *float64
	// Margin is the logarithm of Value over the objective's bound, above 0 where it
	// is broken; nil where Value is no figure that grows with the rate, or is not
	// what decided.
	Margin *float64
}

// State is what the trials done so far amount to.
type State struct {
	// Done is set if no trial is left to do; else Next is the rate to try, 0 for
	// the closed loop.
	Done bool
	Next float64
	// Conclusive is set if both ends are confirmed and close enough.
	Conclusive bool
	// HoldsAt and FailsAt are the bracket, nil where no rate has been found.
	HoldsAt, FailsAt *float64
	// Reason says why an inconclusive search ended.
	Reason string
	// Probe is what the closed-loop trial achieved.
	Probe *float64
	Steps []Step
}

// Step sums up the trials at one rate.
type Step struct {
	Rate               float64
	Holds, Fails, Void int
	Values             []float64
}

const (
	// headroom over the closed-loop trial, which varies as all trials do.
	headroom = 1.25
	// startShare of the highest rate is tried first.
	startShare = 1.0 / 8
	// lowestShare of the highest rate is where a search without Low gives up.
	lowestShare = 1.0 / 1024
	// voidLimit is how many trials in a row may be void.
	voidLimit = 3
)

// Next returns what follows from the trials done so far, in their order.
func Next(c Config, done []Record) State {
	s := State{Steps: steps(done)}
	high := c.High
	if high == 0 {
		s.Probe = probe(done)
	}
	lo, hi := bracket(s.Steps)
	s.HoldsAt, s.FailsAt = rateOf(lo), rateOf(hi)
	switch {
	case trailingVoid(done) >= voidLimit:
		return s.end("%d trials in a row had no usable result", voidLimit)
	case high == 0 && s.Probe == nil:
		return s.within(c, len(done)) // the closed loop comes first
	case high == 0:
		high = *s.Probe * headroom
	}
	if high <= c.Low {
		return s.end("the arm does %.4g requests/s at most, the search begins at %.4g", high/headroom, c.Low)
	}
	if s = s.choose(c, high, lo, hi); s.Conclusive && len(done) < c.MaxTrials {
		if rate, open := openAt(c, high, done); open {
			s.Done, s.Conclusive = false, false
			return s.try(rate)
		}
	}
	return s.within(c, len(done))
}

// within ends a search that would take more trials than it may.
func (s State) within(c Config, done int) State {
	if s.Done || done < c.MaxTrials {
		return s
	}
	return s.end("%d trials were not enough", c.MaxTrials)
}

// choose decides on the next rate between 0 and high.
func (s State) choose(c Config, high float64, lo, hi *Step) State {
	low := c.Low
	if low == 0 {
		low = round(high * startShare)
	}
	if tied := undecided(s.Steps, hi); tied != nil {
		return s.try(tied.Rate)
	}
	switch {
	case lo == nil && hi == nil:
		return s.try(low)
	case hi == nil && lo.Rate < high*(1-c.Resolution/2):
		// Nothing has failed yet: the highest rate next.
		return s.try(high)
	case hi == nil:
		if !confirmed(c, lo) {
			return s.try(lo.Rate)
		}
		return s.end("the objective holds at the highest rate that was tried")
	case lo == nil && (c.Low > 0 && hi.Rate <= c.Low || hi.Rate/2 < high*lowestShare):
		if !confirmed(c, hi) {
			return s.try(hi.Rate)
		}
		return s.end("the objective fails at the lowest rate that was tried")
	case lo == nil:
		return s.try(max(round(hi.Rate/2), c.Low))
	case !closeEnough(c, lo, hi):
		return s.try(between(lo.Rate, hi.Rate))
	}
	// Both ends in turn, the one with fewer trials first.
	if !confirmed(c, lo) && (confirmed(c, hi) || lo.Holds+lo.Fails <= hi.Holds+hi.Fails) {
		return s.try(lo.Rate)
	}
	if !confirmed(c, hi) {
		return s.try(hi.Rate)
	}
	s.Done, s.Conclusive = true, true
	return s
}

func (s State) try(rate float64) State {
	s.Next = rate
	return s
}

func (s State) end(format string, args ...any) State {
	s.Done, s.Reason = true, fmt.Sprintf(format, args...)
	return s
}

// steps sums up the trials by rate, from the lowest to the highest.
func steps(done []Record) []Step {
	var all []Step
	for _, r := range done {
		if r.Rate == 0 {
			continue
		}
		i, found := slices.BinarySearchFunc(all, r.Rate, func(s Step, rate float64) int {
			switch {
			case s.Rate < rate:
				return -1
			case s.Rate > rate:
				return 1
			}
			return 0
		})
		if !found {
			all = slices.Insert(all, i, Step{Rate: r.Rate})
		}
		switch r.Outcome {
		case Holds:
			all[i].Holds++
		case Fails:
			all[i].Fails++
		default:
			all[i].Void++
		}
		if r.Outcome != Void && r.Value != nil {
			all[i].Values = append(all[i].Values, *r.Value)
		}
	}
	return all
}

// bracket is the lowest rate that rather fails, and the highest below it that
// rather holds. A rate above a failing one never counts as holding: what the
// arm does there is luck.
func bracket(all []Step) (lo, hi *Step) {
	for i := range all {
		switch s := &all[i]; {
		case s.Fails > s.Holds:
			return lo, s
		case s.Holds > s.Fails:
			lo = s
		}
	}
	return lo, nil
}

// undecided is the lowest rate below hi with as many outcomes of one kind as of
// the other.
func undecided(all []Step, hi *Step) *Step {
	for i, s := range all {
		if hi != nil && s.Rate >= hi.Rate {
			return nil
		}
		if s.Holds == s.Fails {
			return &all[i] // which may be a void trial to repeat
		}
	}
	return nil
}

// Violations are the rates whose trials contradict the bracket: some failed
// although a higher rate holds, or some held although a lower one fails.
func (s State) Violations() []float64 {
	var out []float64
	for _, step := range s.Steps {
		if s.HoldsAt != nil && step.Rate < *s.HoldsAt && step.Fails > 0 || s.FailsAt != nil && step.Rate > *s.FailsAt &&
			step.Holds > 0 {
			out = append(out, step.Rate)
		}
	}
	return out
}

func confirmed(c Config, s *Step) bool {
	return s.Holds >= c.Confirmations || s.Fails >= c.Confirmations
}

func closeEnough(c Config, lo, hi *Step) bool {
	// Neighbours that rounding cannot tell apart are as close as can be.
	next := between(lo.Rate, hi.Rate)
	return hi.Rate <= lo.Rate*(1+c.Resolution) || next <= lo.Rate || next >= hi.Rate
}

func probe(done []Record) *float64 {
	for _, r := range done {
		if r.Rate == 0 && r.Outcome != Void && r.Achieved > 0 {
			return &r.Achieved
		}
	}
	return nil
}

func trailingVoid(done []Record) int {
	n := 0
	for n < len(done) && done[len(done)-1-n].Outcome == Void {
		n++
	}
	return n
}

func rateOf(s *Step) *float64 {
	if s == nil {
		return nil
	}
	rate := s.Rate
	return &rate
}

// between is the geometric mean of two rates: halving what is left on the
// logarithmic scale, on which rates of different arms are compared.
func between(a, b float64) float64 { return round(math.Sqrt(a * b)) }

// round keeps four significant digits, so that rates can be read and typed.
func round(rate float64) float64 {
	if rate <= 0 {
		return rate
	}
	scale := math.Pow10(3 - int(math.Floor(math.Log10(rate))))
	return math.Round(rate*scale) / scale
}

// Expected is how many trials a search takes where nothing is odd: the closed
// loop, one at each end, the halvings of a bracket of 1 to 1/startShare, and the
// confirmations of both ends.
func (c Config) Expected() int {
	span := 1 / startShare
	n := 2 + 2*(c.Confirmations-1)
	if c.High == 0 {
		n++
	}
	if c.Low > 0 && c.High > c.Low {
		span = c.High / c.Low
	}
	n += max(0, int(math.Ceil(math.Log2(math.Log(span)/math.Log1p(c.Resolution)))))
	return min(n, c.MaxTrials)
}
