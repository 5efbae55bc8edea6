package preflight

import (
	"fmt"
	"io"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// Table prints every check as it comes, under headings.
func Table(out io.Writer, style term.Style) Observer {
	return &printer{out: out, style: style, shown: func(Status) bool { return true }}
}

// Short prints only what is not in order.
func Short(out io.Writer, style term.Style) Observer {
	return &printer{out: out, style: style, shown: func(s Status) bool { return s != StatusPass }}
}

type printer struct {
	out     io.Writer
	style   term.Style
	shown   func(Status) bool
	heading string
	err     error
}

// indent is where the texts below a check begin.
const indent = "        "

func (p *printer) Checked(o Outcome) {
	if !p.shown(o.Status) {
		return
	}
	if h := headingOf(o.Check); h != p.heading {
		p.heading = h
		p.line(p.style.Bold(term.Clean(h)))
	}
	p.line("  " + p.word(o.Status) + "  " + term.Clean(o.Check.Description))
	p.text("", o.Result.Evidence, p.style.Dim)
	p.text("fix: ", o.Result.Fix, func(s string) string { return s })
}

func headingOf(c Check) string {
	if c.Arm != "" {
		return "arm " + c.Arm
	}
	return string(c.Category)
}

func (p *printer) word(s Status) string {
	switch s {
	case StatusFail:
		return p.style.Red(string(s))
	case StatusWarn:
		return p.style.Yellow(string(s))
	default:
		return p.style.Green(string(s))
	}
}

// text prints lines below a check. Long ones are wrapped, unless they are
// indented themselves: those are commands or documents, to be copied whole.
func (p *printer) text(lead, text string, paint func(string) string) {
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, " ") {
			p.line(indent + paint(term.Clean(line)))
			continue
		}
		for _, part := range term.Wrap(lead+term.Clean(line), p.style.Width()-len(indent)) {
			p.line(indent + paint(part))
		}
		lead = ""
	}
}

func (p *printer) line(text string) {
	if p.err == nil {
		_, p.err = fmt.Fprintln(p.out, text)
	}
}

func (p *printer) Finish(t Tally) error {
	p.line(fmt.Sprintf("%d passed, %d with a warning, %d failed", t.Passed, t.Warned, t.Failed))
	return p.err
}

// JSON prints one document after the last check.
func JSON(out io.Writer) Observer {
	return &document{out: out, APIVersion: v1alpha1.APIVersion, Kind: "CheckResult", Checks: []entry{}}
}

type document struct {
	out        io.Writer
	APIVersion string  `json:"apiVersion"`
	Kind       string  `json:"kind"`
	Status     Status  `json:"status"`
	Checks     []entry `json:"checks"`
}

type entry struct {
	Status      Status   `json:"status"`
	Category    Category `json:"category"`
	Arm         string   `json:"arm,omitempty"`
	Description string   `json:"description"`
	Evidence    string   `json:"evidence,omitempty"`
	Fix         string   `json:"fix,omitempty"`
}

func (d *document) Checked(o Outcome) {
	d.Checks = append(d.Checks,
		entry{o.Status, o.Check.Category, o.Check.Arm, o.Check.Description, o.Result.Evidence, o.Result.Fix})
}

func (d *document) Finish(t Tally) error {
	d.Status = StatusPass
	if t.Warned > 0 {
		d.Status = StatusWarn
	}
	if t.Failed > 0 {
		d.Status = StatusFail
	}
	return term.JSON(d.out, d)
}
