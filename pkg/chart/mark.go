package chart

import (
	"math"
	"strconv"
	"strings"
)

// Style numbers a colour together with a dash pattern and a shape, so that
// nothing is told apart by colour alone. The page's style sheet says which.
type Style int

// colours is how many styles there are beside 0, which is the baseline's own.
const colours = 6

// look numbers the colour, dash pattern and shape: 0, then 1 to colours again
// and again.
func (s Style) look() int {
	if s <= 0 {
		return 0
	}
	return 1 + (int(s)-1)%colours
}

// Class is the style in the style sheet. The second time a colour is used it
// is drawn hollow and thin.
func (s Style) Class() string {
	class := "s" + strconv.Itoa(s.look())
	if int(s) > colours {
		class += " again"
	}
	return class
}

// Line is a path along values.
type Line struct {
	Style Style
	D     string
}

// Area is a closed path: a band around a line, or a density.
type Area struct {
	Style Style
	D     string
	Text  string
}

// Dot is one value. D is its shape.
type Dot struct {
	Style Style
	X, Y  float64
	D     string
	Text  string
	// Small dots stand behind others: single rounds behind their summary.
	Small bool
}

// Whisker is a range of values, along X or along Y.
type Whisker struct {
	Style          Style
	X1, Y1, X2, Y2 float64
	Text           string
}

// Bar is a rectangle. Pattern, if not 0, numbers a hatching.
type Bar struct {
	Style      Style
	Pattern    int
	X, Y, W, H float64
	Text       string
}

// Label is a text within the plot.
type Label struct {
	X, Y   float64
	Anchor string
	Text   string
}

// Shape is the outline of a style's dot around the origin.
func (s Style) Shape(size float64) string {
	n := func(f float64) string { return number(f * size) }
	switch s.look() {
	case 1:
		return "M" + n(-0.9) + " " + n(-0.9) + "h" + n(1.8) + "v" + n(1.8) + "h" + n(-1.8) + "z"
	case 2:
		return "M0 " + n(-1.2) + "L" + n(1.15) + " " + n(0.85) + "H" + n(-1.15) + "z"
	case 3:
		return "M0 " + n(-1.3) + "L" + n(1.3) + " 0L0 " + n(1.3) + "L" + n(-1.3) + " 0z"
	case 4:
		return "M0 " + n(1.2) + "L" + n(1.15) + " " + n(-0.85) + "H" + n(-1.15) + "z"
	case 5:
		return "M" + n(-1.2) + " " + n(-0.4) + "h" + n(0.8) + "v" + n(-0.8) + "h" + n(0.8) + "v" + n(0.8) + "h" + n(0.8) +
			"v" + n(0.8) + "h" + n(-0.8) + "v" + n(0.8) + "h" + n(-0.8) + "v" + n(-0.8) + "h" + n(-0.8) + "z"
	case 6:
		return "M" + n(-0.6) + " " + n(-1.2) + "h" + n(1.2) + "v" + n(2.4) + "h" + n(-1.2) + "z"
	default:
		return "M" + n(-1) + " 0a" + n(1) + " " + n(1) + " 0 1 0 " + n(2) + " 0a" + n(1) + " " + n(1) + " 0 1 0 " + n(-2) +
			" 0z"
	}
}

// number is a coordinate as short as it can be.
func number(v float64) string { return strconv.FormatFloat(tenth(v), 'f', -1, 64) }

// path collects the points of a line; a gap begins a new piece.
type path struct {
	text strings.Builder
	open bool
}

func (p *path) to(x, y float64) {
	command := "M"
	if p.open {
		command = "L"
	}
	p.text.WriteString(command + number(x) + " " + number(y))
	p.open = true
}

func (p *path) gap() { p.open = false }

// XY is a pair of values; NaN in either is a gap.
type XY struct{ X, Y float64 }

// Gap separates the pieces of a line.
func Gap() XY { return XY{X: math.NaN(), Y: math.NaN()} }
