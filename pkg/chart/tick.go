package chart

import "math"

// Tick is a marked value of an axis.
type Tick struct {
	// At is its place along the axis.
	At   float64
	Text string
}

// The room that text takes in units of the drawing, a little more than it
// needs: tests measure it in a browser.
const (
	charWidth  = 7.6
	lineHeight = 15.0
)

// ticks are the most round values on a scale whose labels do not touch.
func ticks(s Scale, format func(float64) string, vertical bool) []Tick {
	for _, values := range candidates(s) {
		var all []Tick
		fits := true
		for _, v := range values {
			at, ok := s.at(v)
			if !ok {
				continue
			}
			t := Tick{At: at, Text: format(v)}
			if n := len(all); n > 0 {
				fits = fits && !touch(all[n-1], t, vertical) && t.Text != all[n-1].Text
			}
			all = append(all, t)
		}
		if fits && len(all) > 0 {
			return all
		}
	}
	return nil
}

// touch reports whether the labels of two neighbours have no room.
func touch(a, b Tick, vertical bool) bool {
	room := lineHeight
	if !vertical {
		room = (width(a.Text)+width(b.Text))/2 + charWidth
	}
	return math.Abs(a.At-b.At) < room
}

func width(text string) float64 { return charWidth * float64(len([]rune(text))) }

// candidates are sets of round values within the scale, the richest first.
func candidates(s Scale) [][]float64 {
	const most = 8
	switch s.Kind {
	case Nines:
		return [][]float64{nines(s, []float64{0.5}), nines(s, nil), {s.High}}
	case Log:
		return logarithmic(s, most)
	default:
		var all [][]float64
		for n := most; n >= 1; n-- {
			all = append(all, steps(s, n))
		}
		return append(all, []float64{s.Low})
	}
}

// steps are multiples of 1, 2 or 5 times a power of ten, at most n of them, or
// n + 1 with zero.
func steps(s Scale, n int) []float64 {
	step := RoundUp((s.High/2 - s.Low/2) / float64(n) * 2)
	var all []float64
	for i := math.Ceil(s.Low / step); i*step <= s.High && len(all) <= n; i++ {
		all = append(all, i*step)
	}
	return all
}

// RoundUp is the smallest of 1, 2 and 5 times a power of ten that is at least
// v; 1 if v is not positive and finite.
func RoundUp(v float64) float64 {
	if !(v > 0) || math.IsInf(v, 0) {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 5} {
		// A little less counts as equal: powers of ten are not exact.
		if m*power >= v*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// logarithmic are values at round multiples of the powers of ten. A scale that
// covers less than a factor of three is marked like a linear one.
func logarithmic(s Scale, most int) [][]float64 {
	var all [][]float64
	first, last := math.Floor(math.Log10(s.Low)), math.Ceil(math.Log10(s.High))
	if s.High/s.Low < 3 {
		for n := most; n >= 1; n-- {
			all = append(all, steps(s, n))
		}
	}
	for _, multiples := range [][]float64{{1, 2, 3, 5}, {1, 2, 5}, {1, 3}, {1}} {
		var values []float64
		for e := first; e <= last; e++ {
			for _, m := range multiples {
				if v := m * math.Pow(10, e); v >= s.Low && v <= s.High {
					values = append(values, v)
				}
			}
		}
		all = append(all, values)
	}
	for _, every := range []float64{2, 3, 5, 10, 50} {
		var values []float64
		for e := math.Ceil(first/every) * every; e <= last; e += every {
			if v := math.Pow(10, e); v >= s.Low && v <= s.High {
				values = append(values, v)
			}
		}
		all = append(all, values)
	}
	return append(all, []float64{s.Low, s.High}, []float64{s.Low})
}

// nines are some lower quantiles, then 90 %, 99 % and so on.
func nines(s Scale, lower []float64) []float64 {
	var all []float64
	for _, q := range lower {
		if q >= s.Low && q <= s.High {
			all = append(all, q)
		}
	}
	for miss := 0.1; 1-miss <= s.High+miss/1e3 && miss > 1e-12; miss /= 10 {
		if q := 1 - miss; q >= s.Low {
			all = append(all, q)
		}
	}
	return all
}
