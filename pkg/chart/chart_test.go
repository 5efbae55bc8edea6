package chart

import (
	"bytes"
	"fmt"
	"html/template"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/test/golden"
)

func set(t testing.TB) *template.Template {
	t.Helper()
	set, err := Define(template.New("test"))
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func drawn(t testing.TB, set *template.Template, p *Plot) string {
	t.Helper()
	var out bytes.Buffer
	if err := set.ExecuteTemplate(&out, "plot", p); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func sample() *Plot {
	x, _ := Fit(Log, 1, 1000)
	y, _ := FromZero(80)
	p := New("a < b", Height, Axis{Scale: x, Label: "x", Format: plain}, Axis{Scale: y, Label: "y", Format: plain})
	points := []XY{{1, 10}, {10, 20}, Gap(), {100, 40}, {1000, 80}}
	p.Rule(10)
	p.Line(1, points...)
	p.Steps(2, points...)
	p.Band(3, "band", []XY{{1, 5}, {10, 10}}, []XY{{1, 15}, {10, 30}})
	p.Violin(4, "violin", 100, 50, []XY{{0, 10}, {1, 20}, {0, 30}})
	p.Dot(5, XY{100, 40}, "<dot>")
	p.SmallDot(6, XY{10, 40}, "dot")
	p.Dot(8, XY{300, 40}, "hollow")
	p.Whisker(1, XY{10, 20}, XY{100, 20}, "whisker")
	p.Bar(2, 1, XY{1, 0}, XY{2, 60}, "bar")
	p.Label(XY{1000, 80}, "label")
	return p
}

func plain(v float64) string { return strconv.FormatFloat(v, 'g', 4, 64) }

func TestGolden(t *testing.T) {
	golden.Check(t, "all-marks.svg", []byte(drawn(t, set(t), sample())))
}

func TestTextIsEscaped(t *testing.T) {
	p, templates := sample(), set(t)
	p.Title, p.XLabel, p.Labels[0].Text, p.XTicks[0].Text = `"><script>`, "<script>", "</svg><script>", "<script>"
	p.Dots[0].Text, p.Areas[0].Text, p.Whiskers[0].Text, p.Bars[0].Text = "<script>", "<script>", "<script>", "<script>"
	if text := drawn(t, templates, p); strings.Contains(text, "<script") {
		t.Errorf("markup came through: %s", text)
	}
}

// coordinates are all absolute places of a plot.
func coordinates(p *Plot) (xs, ys []float64) {
	pair := regexp.MustCompile(`[ML](-?[0-9.]+) (-?[0-9.]+)`)
	number := func(s string) float64 { v, _ := strconv.ParseFloat(s, 64); return v }
	var paths []string
	for _, l := range p.Lines {
		paths = append(paths, l.D)
	}
	for _, a := range p.Areas {
		paths = append(paths, a.D)
	}
	for _, d := range paths {
		for _, m := range pair.FindAllStringSubmatch(d, -1) {
			xs, ys = append(xs, number(m[1])), append(ys, number(m[2]))
		}
		if strings.ContainsAny(d, "NI") {
			xs = append(xs, math.NaN()) // NaN or Inf
		}
	}
	for _, d := range p.Dots {
		xs, ys = append(xs, d.X), append(ys, d.Y)
	}
	for _, w := range p.Whiskers {
		xs, ys = append(xs, w.X1, w.X2), append(ys, w.Y1, w.Y2)
	}
	for _, b := range p.Bars {
		xs, ys = append(xs, b.X, b.X+b.W), append(ys, b.Y, b.Y+b.H)
	}
	for _, t := range p.XTicks {
		xs = append(xs, t.At)
	}
	for _, t := range p.YTicks {
		ys = append(ys, t.At)
	}
	xs = append(xs, p.Rules...)
	return xs, ys
}

func value(random *rand.Rand) float64 {
	odd := []float64{0, -1, 1, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, -math.MaxFloat64,
		math.SmallestNonzeroFloat64, 1e-300, 1e300, 0.5, 0.999, 1 - 1e-16}
	if random.IntN(2) == 0 {
		return odd[random.IntN(len(odd))]
	}
	return math.Exp(20*random.NormFloat64()) * float64(random.IntN(3)-1)
}

func TestEverythingIsInsideAndLabelsDoNotTouch(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	drew, templates := 0, set(t)
	for i := range 2000 {
		kind := func() Kind { return Kind(random.IntN(3)) }
		values := func() []float64 {
			var vs []float64
			for range random.IntN(6) {
				vs = append(vs, value(random))
			}
			return vs
		}
		x, _ := Fit(kind(), values()...)
		y, _ := Fit(kind(), values()...)
		if random.IntN(4) == 0 {
			y, _ = FromZero(values()...)
		}
		axis := Axis{Scale: x, Label: "x", Format: plain}
		if random.IntN(4) == 0 {
			axis.Ticks = []Named{{value(random), "a"}, {value(random), strings.Repeat("long", 9)}, {value(random), "c"}}
		}
		p := New("property", Height, axis, Axis{Scale: y, Label: "y", Format: plain})
		at := func() XY { return XY{value(random), value(random)} }
		p.Line(1, at(), at(), at())
		p.Steps(1, at(), at(), at())
		p.Band(1, "", []XY{at(), at(), at()}, []XY{at(), at(), at()})
		p.Violin(1, "", value(random), value(random), []XY{at(), at(), at()})
		p.Dot(1, at(), "")
		p.Whisker(1, at(), at(), "")
		p.Bar(1, 0, at(), at(), "")
		p.Rule(value(random))
		p.Label(at(), "label")
		drew += len(p.Dots)
		xs, ys := coordinates(p)
		for _, v := range xs {
			if !(v >= p.Left-0.2 && v <= p.Right+0.2 && v >= 0 && v <= p.Width) {
				t.Fatalf("plot %d: x is %g of %g to %g\n%+v", i, v, p.Left, p.Right, x)
			}
		}
		for _, v := range ys {
			if !(v >= p.Top-0.2 && v <= p.Bottom+0.2 && v >= 0 && v <= p.Height) {
				t.Fatalf("plot %d: y is %g of %g to %g\n%+v", i, v, p.Top, p.Bottom, y)
			}
		}
		for k := 1; k < len(p.XTicks); k++ {
			if touch(p.XTicks[k-1], p.XTicks[k], false) {
				t.Fatalf("plot %d: %+v touch", i, p.XTicks)
			}
		}
		for k := 1; k < len(p.YTicks); k++ {
			if touch(p.YTicks[k-1], p.YTicks[k], true) {
				t.Fatalf("plot %d: %+v touch", i, p.YTicks)
			}
		}
		if text := drawn(t, templates, p); strings.Contains(text, "NaN") || strings.Contains(text, "Inf\"") {
			t.Fatalf("plot %d: %s", i, text)
		}
	}
	if drew < 100 {
		t.Errorf("only %d dots were drawn", drew)
	}
}

func TestPlacesFollowValues(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 1000 {
		kind := Kind(random.IntN(3))
		a, b, c := random.Float64(), random.Float64(), random.Float64()
		vs := []float64{a, b, c}
		slices.Sort(vs)
		s, ok := Fit(kind, vs...)
		if !ok {
			t.Fatal("no scale")
		}
		s = s.onto(0, 100)
		var before float64
		for i, v := range vs {
			at, ok := s.at(v)
			if !ok || i > 0 && at < before {
				t.Fatalf("%v on %+v: %g is at %g", vs, s, v, at)
			}
			before = at
		}
	}
}

func TestTicksAreRound(t *testing.T) {
	for _, c := range []struct {
		scale Scale
		want  string
	}{
		{Scale{Low: 0, High: 33}, "0 5 10 15 20 25 30"},
		{Scale{Low: 0, High: 0.9}, "0 0.2 0.4 0.6 0.8"},
		{Scale{Kind: Log, Low: 0.001, High: 1}, "0.001 0.003 0.01 0.03 0.1 0.3 1"},
		{Scale{Kind: Log, Low: 0.9, High: 1.6}, "0.9 1 1.1 1.2 1.3 1.4 1.5 1.6"},
		{Scale{Kind: Log, Low: 1e-9, High: 60}, "1e-08 1e-06 0.0001 0.01 1"},
		{Scale{Kind: Nines, Low: 0.2, High: 0.9999}, "0.5 0.9 0.99 0.999 0.9999"},
	} {
		var got []string
		for _, tick := range ticks(c.scale.onto(0, 330), plain, false) {
			got = append(got, tick.Text)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%+v has ticks %s, want %s", c.scale, s, c.want)
		}
	}
	for v, want := range map[float64]float64{0.11: 0.2, 1: 1, 2.1: 5, 70: 100, 1e-3: 1e-3, 0: 1} {
		if got := RoundUp(v); math.Abs(got/want-1) > 1e-9 {
			t.Errorf("%g is rounded up to %g, want %g", v, got, want)
		}
	}
}

func TestStylesAreToldApartWithoutColour(t *testing.T) {
	seen := map[string]Style{}
	for s := range Style(13) {
		look := s.Class()[:2] + s.Shape(1) + fmt.Sprint(strings.Contains(s.Class(), "again"))
		if other, ok := seen[look]; ok {
			t.Errorf("styles %d and %d look the same", s, other)
		}
		seen[look] = s
	}
	shapes := map[string]bool{}
	for s := range Style(7) {
		shapes[s.Shape(1)] = true
	}
	if len(shapes) != 7 {
		t.Errorf("7 styles have %d shapes", len(shapes))
	}
}
