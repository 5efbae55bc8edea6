package chart

import (
	"fmt"
	"html/template"

	_ "embed" // the templates
)

//go:embed plot.html
var templates string

// Define adds the templates "plot", which draws a Plot as SVG, "key", which
// draws a Style beside its name, and "swatch", which draws a Bar beside its
// name. All text is escaped by them.
func Define(t *template.Template) (*template.Template, error) {
	t, err := t.Parse(templates)
	if err != nil {
		return nil, fmt.Errorf("templates of charts: %w", err)
	}
	return t, nil
}

// TickLine is where the labels of the x axis stand.
func (p *Plot) TickLine() float64 { return tenth(p.Bottom + 15) }

// LabelLine is where the x axis is named.
func (p *Plot) LabelLine() float64 { return tenth(p.Height - 6) }

// TickEnd is where the labels of the y axis end.
func (p *Plot) TickEnd() float64 { return tenth(p.Left - 6) }

// Middle of the x axis.
func (p *Plot) Middle() float64 { return tenth((p.Left + p.Right) / 2) }
