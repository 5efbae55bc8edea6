package chart

import "math"

// Kind says how a scale spreads values.
type Kind int

const (
	// Linear gives equal differences equal room.
	Linear Kind = iota
	// Log gives equal ratios equal room.
	Log
	// Nines is for quantiles from 0 to below 1: 90 %, 99 % and 99.9 % are
	// equally far apart, so that the tail can be seen.
	Nines
)

// spread is where a value lies before it is mapped to the drawing.
func (k Kind) spread(v float64) float64 {
	switch k {
	case Log:
		return math.Log10(v)
	case Nines:
		return -math.Log10(1 - v)
	default:
		return v
	}
}

// Scale maps the values from Low to High to places in a drawing. The zero
// Scale places nothing.
type Scale struct {
	Kind      Kind
	Low, High float64
	from, to  float64
}

// Fit is the smallest scale that holds all the values that can be placed, with
// a little room at both ends; ok is false if there are none.
func Fit(kind Kind, values ...float64) (s Scale, ok bool) {
	s = Scale{Kind: kind, Low: math.Inf(1), High: math.Inf(-1)}
	for _, v := range values {
		if kind.places(v) {
			s.Low, s.High = min(s.Low, v), max(s.High, v)
		}
	}
	if s.Low > s.High {
		return Scale{}, false
	}
	const room = 0.04
	switch kind {
	case Log:
		factor := math.Max(math.Pow(s.High/s.Low, room), 1.02)
		s.Low, s.High = math.Max(s.Low/factor, math.SmallestNonzeroFloat64), math.Min(s.High*factor, math.MaxFloat64)
	case Linear:
		// Halved first: the difference of two huge values is infinite.
		margin := math.Max(room*2*(s.High/2-s.Low/2), 1e-9*math.Max(math.Abs(s.High), 1))
		s.Low, s.High = math.Max(s.Low-margin, -math.MaxFloat64), math.Min(s.High+margin, math.MaxFloat64)
	}
	return s, true
}

// FromZero is a linear scale from 0 to a little above the largest value; ok is
// false if no value is above 0.
func FromZero(values ...float64) (s Scale, ok bool) {
	for _, v := range values {
		if Linear.places(v) {
			s.High = max(s.High, v)
		}
	}
	s.High = math.Min(s.High*1.05, math.MaxFloat64)
	return s, s.High > 0
}

// places reports whether a value has a place on a scale of this kind at all.
func (k Kind) places(v float64) bool {
	at := k.spread(v)
	return !math.IsNaN(at) && !math.IsInf(at, 0)
}

// onto is the scale drawn between two places.
func (s Scale) onto(from, to float64) Scale {
	s.from, s.to = from, to
	return s
}

// at is the place of a value, at the nearer end if it is beyond the scale. ok
// is false if it has no place.
func (s Scale) at(v float64) (place float64, ok bool) {
	if !s.Kind.places(v) {
		return 0, false
	}
	low, high := s.Kind.spread(s.Low), s.Kind.spread(s.High)
	share := 0.5
	if high > low {
		// Halved: the difference of two huge values is infinite.
		share = (s.Kind.spread(v)/2 - low/2) / (high/2 - low/2)
	}
	if math.IsNaN(share) {
		return 0, false
	}
	return tenth(s.from + min(max(share, 0), 1)*(s.to-s.from)), true
}

// tenth rounds to a tenth of a unit, finer than anyone can see.
func tenth(v float64) float64 { return math.Round(10*v) / 10 }
