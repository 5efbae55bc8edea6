package survey

import (
	"fmt"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/core/survey"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

func caption(a survey.Architecture) string {
	from := "not in 2022"
	if a.Figure != "" {
		from = "figure " + a.Figure + " of the thesis"
	}
	return fmt.Sprintf("%s (%s): %d hops, %d of the mesh", a.Title, from, len(a.Hops), a.Proxies())
}

// box is the hops that stand in the same place, one after the other.
type box struct {
	where string
	hops  []survey.Hop
}

func boxes(a survey.Architecture) []box {
	var all []box
	for _, h := range a.Hops {
		if n := len(all); n == 0 || all[n-1].where != h.Where {
			all = append(all, box{where: h.Where})
		}
		all[len(all)-1].hops = append(all[len(all)-1].hops, h)
	}
	return all
}

// drawn is an architecture as text: a box for each place, arrows between them.
func drawn(a survey.Architecture, width int) []string {
	const arrow = " -> "
	var blocks [][3]string
	for _, b := range boxes(a) {
		var hops []string
		for _, h := range b.hops {
			name := h.What
			if h.Proxy {
				name += " m"
			}
			hops = append(hops, "["+name+"]")
		}
		inner := strings.Join(hops, "->")
		size := max(term.Len(inner), term.Len(b.where)) + 2
		blocks = append(blocks, [3]string{
			"+ " + b.where + " " + strings.Repeat("-", size-term.Len(b.where)-2) + "+",
			"|" + " " + inner + strings.Repeat(" ", size-term.Len(inner)-1) + "|",
			"+" + strings.Repeat("-", size) + "+",
		})
	}
	var lines []string
	var row [3]string
	flush := func() {
		for _, r := range row {
			lines = append(lines, strings.TrimRight(r, " "))
		}
		row = [3]string{}
	}
	for i, b := range blocks {
		lead := [3]string{}
		if i > 0 {
			lead = [3]string{strings.Repeat(" ", len(arrow)), arrow, strings.Repeat(" ", len(arrow))}
		}
		if row[0] != "" && term.Len(row[0])+len(lead[0])+term.Len(b[0]) > width {
			flush()
		}
		for n := range row {
			row[n] += lead[n] + b[n]
		}
	}
	flush()
	return lines
}

// sketch is an architecture as an SVG's shapes, in a coordinate system of its
// own: boxes from left to right, and below each other where it is narrow.
type sketch struct {
	Label         string
	Width, Height int
	Boxes         []rect
	Hops          []rect
	Arrows        []line
}

type rect struct {
	X, Y, W, H int
	Text       string
	Mesh       bool
}

type line struct{ X1, Y1, X2, Y2 int }

// sketched lays the hops out from top to bottom: a page of 400 pixels shows it
// without a scroll bar, and five stand side by side on a wide one.
func sketched(a survey.Architecture) sketch {
	const left, top, wide, high, gap, pad, head = 10, 10, 200, 26, 18, 10, 18
	s := sketch{Label: caption(a), Width: wide + 2*left}
	y := top
	last := 0
	for _, b := range boxes(a) {
		frame := rect{X: left, Y: y, W: wide, Text: b.where}
		y += head
		for _, h := range b.hops {
			hop := rect{X: left + pad, Y: y, W: wide - 2*pad, H: high, Text: h.What, Mesh: h.Proxy}
			if last > 0 {
				s.Arrows = append(s.Arrows, line{left + wide/2, last, left + wide/2, y})
			}
			s.Hops = append(s.Hops, hop)
			last = y + high
			y = last + gap
		}
		y += pad - gap
		frame.H = y - frame.Y
		s.Boxes = append(s.Boxes, frame)
		y += gap
	}
	s.Height = y - gap + top
	return s
}
