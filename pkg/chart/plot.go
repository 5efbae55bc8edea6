package chart

import "math"

// The size of a plot in its own units. It is as wide as a small phone, where
// its text keeps its size; pages with more room show it larger.
const (
	Width = 400.0
	// Height is the usual height.
	Height = 250.0

	right, top, bottom = 12.0, 12.0, 40.0
)

// Plot is a chart ready to be drawn, each mark at its place. Later marks are
// drawn over earlier ones.
type Plot struct {
	// Title says what it shows to those who cannot see it.
	Title         string
	Width, Height float64
	// Left, Right, Top and Bottom bound the area of the marks.
	Left, Right, Top, Bottom float64
	XLabel, YLabel           string
	XTicks, YTicks           []Tick
	// Rules are emphasised values of the x axis, such as "no difference".
	Rules    []float64
	Areas    []Area
	Bars     []Bar
	Lines    []Line
	Whiskers []Whisker
	Dots     []Dot
	Labels   []Label

	x, y Scale
}

// Axis is a scale with its label and how its values are written.
type Axis struct {
	Scale  Scale
	Label  string
	Format func(float64) string
	// Ticks are taken instead of round values where they are given.
	Ticks []Named
}

// Named is a value with its own text, such as a row's name.
type Named struct {
	Value float64
	Text  string
}

// longest is how much of a named tick is shown; the whole text is in the table.
const longest = 16

// New returns an empty plot with both axes drawn.
func New(title string, height float64, x, y Axis) *Plot {
	p := &Plot{Title: title, Width: Width, Height: height, XLabel: x.Label, YLabel: y.Label, Right: Width - right,
		Top: top, Bottom: height - bottom}
	if y.Label != "" {
		p.Top += lineHeight
	}
	p.y = y.Scale.onto(p.Bottom, p.Top)
	p.YTicks = y.ticks(p.y, true)
	for _, t := range p.YTicks {
		p.Left = max(p.Left, width(t.Text))
	}
	p.Left = tenth(p.Left + 10)
	// A label in the middle of its tick may reach beyond the marks.
	p.x = x.Scale.onto(p.Left, p.Right)
	p.XTicks = x.ticks(p.x, false)
	for range 2 {
		if n := len(p.XTicks); n > 0 {
			if over := p.XTicks[n-1].At + width(p.XTicks[n-1].Text)/2 - Width; over > 0 {
				p.Right = tenth(p.Right - over)
				p.x = x.Scale.onto(p.Left, p.Right)
				p.XTicks = x.ticks(p.x, false)
			}
		}
	}
	return p
}

func (a Axis) ticks(s Scale, vertical bool) []Tick {
	if a.Ticks == nil {
		return ticks(s, a.Format, vertical)
	}
	var all []Tick
	for i, n := range a.Ticks {
		text := []rune(n.Text)
		if len(text) > longest {
			text = append(text[:longest-1:longest-1], '…')
		}
		at, ok := s.at(n.Value)
		if !ok {
			continue
		}
		t := Tick{At: at, Text: string(text)}
		// Where two touch, the earlier one stays; but the last value always shows.
		for i == len(a.Ticks)-1 && crowded(all, t, vertical) {
			all = all[:len(all)-1]
		}
		if !crowded(all, t, vertical) {
			all = append(all, t)
		}
	}
	return all
}

// crowded reports whether a tick has no room beside the last one with a text;
// a tick without one needs none.
func crowded(all []Tick, t Tick, vertical bool) bool {
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Text != "" {
			return t.Text != "" && touch(all[i], t, vertical)
		}
	}
	return false
}

// place is where a pair of values is drawn.
func (p *Plot) place(at XY) (x, y float64, ok bool) {
	x, okX := p.x.at(at.X)
	y, okY := p.y.at(at.Y)
	return x, y, okX && okY
}

// Empty reports whether nothing is drawn on the axes.
func (p *Plot) Empty() bool {
	return len(p.Areas)+len(p.Bars)+len(p.Lines)+len(p.Whiskers)+len(p.Dots) == 0
}

// Line draws a line through points, in their order.
func (p *Plot) Line(s Style, points ...XY) {
	var d path
	for _, at := range points {
		if x, y, ok := p.place(at); ok {
			d.to(x, y)
		} else {
			d.gap()
		}
	}
	if d.text.Len() > 0 {
		p.Lines = append(p.Lines, Line{Style: s, D: d.text.String()})
	}
}

// Steps draws a line that keeps each value until the next one.
func (p *Plot) Steps(s Style, points ...XY) {
	var all []XY
	for i, at := range points {
		if i > 0 {
			all = append(all, XY{X: at.X, Y: points[i-1].Y})
		}
		all = append(all, at)
	}
	p.Line(s, all...)
}

// Band fills what is between two lines with the same x values.
func (p *Plot) Band(s Style, text string, low, high []XY) {
	var d path
	piece := func(from, to int) {
		if to-from < 2 {
			return
		}
		for i := from; i < to; i++ {
			x, y, _ := p.place(high[i])
			d.to(x, y)
		}
		for i := to - 1; i >= from; i-- {
			x, y, _ := p.place(low[i])
			d.to(x, y)
		}
		d.text.WriteString("z")
		d.gap()
	}
	begun := 0
	n := min(len(low), len(high))
	for i := range n {
		_, _, okLow := p.place(low[i])
		_, _, okHigh := p.place(high[i])
		if !okLow || !okHigh {
			piece(begun, i)
			begun = i + 1
		}
	}
	piece(begun, n)
	if d.text.Len() > 0 {
		p.Areas = append(p.Areas, Area{Style: s, D: d.text.String(), Text: text})
	}
}

// Violin fills a density that is mirrored around the vertical at x. Each
// point's X is half the width there, as a share of the largest, half being as
// wide as the largest gets on either side in units of the x axis.
func (p *Plot) Violin(s Style, text string, x, half float64, density []XY) {
	var low, high []XY
	for _, d := range density {
		low = append(low, XY{X: x - half*d.X, Y: d.Y})
		high = append(high, XY{X: x + half*d.X, Y: d.Y})
	}
	p.Band(s, text, low, high)
}

// The sizes of dots.
const (
	bigDot   = 4.0
	smallDot = 2.2
)

// Dot marks a value; the text says it in words.
func (p *Plot) Dot(s Style, at XY, text string) { p.dot(s, at, text, false) }

// SmallDot marks one of many values.
func (p *Plot) SmallDot(s Style, at XY, text string) { p.dot(s, at, text, true) }

func (p *Plot) dot(s Style, at XY, text string, small bool) {
	x, y, ok := p.place(at)
	if !ok {
		return
	}
	size := bigDot
	if small {
		size = smallDot
	}
	p.Dots = append(p.Dots, Dot{Style: s, X: x, Y: y, D: s.Shape(size), Text: text, Small: small})
}

// Whisker draws a range between two points.
func (p *Plot) Whisker(s Style, from, to XY, text string) {
	x1, y1, ok1 := p.place(from)
	x2, y2, ok2 := p.place(to)
	if ok1 && ok2 {
		p.Whiskers = append(p.Whiskers, Whisker{Style: s, X1: x1, Y1: y1, X2: x2, Y2: y2, Text: text})
	}
}

// Bar fills the rectangle between two corners. A label is written into it if
// there is room.
func (p *Plot) Bar(s Style, pattern int, from, to XY, text string) {
	x1, y1, ok1 := p.place(from)
	x2, y2, ok2 := p.place(to)
	if !ok1 || !ok2 {
		return
	}
	p.Bars = append(p.Bars,
		Bar{Style: s, Pattern: pattern, X: min(x1, x2), Y: min(y1, y2), W: tenth(math.Abs(x2 - x1)),
			H: tenth(math.Abs(y2 - y1)), Text: text})
}

// Rule emphasises a value of the x axis.
func (p *Plot) Rule(x float64) {
	if at, ok := p.x.at(x); ok {
		p.Rules = append(p.Rules, at)
	}
}

// Label writes a text behind a point, or before it where there is no room.
func (p *Plot) Label(at XY, text string) {
	x, y, ok := p.place(at)
	if !ok {
		return
	}
	const gap = 7
	l := Label{X: x + gap, Y: y, Anchor: "start", Text: text}
	if l.X+width(text) > p.Width {
		l.X, l.Anchor = x-gap, "end"
	}
	p.Labels = append(p.Labels, l)
}
