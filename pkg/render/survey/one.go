package survey

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/core/mesh"
	"github.com/meshbench/kubectl-meshbench/pkg/core/survey"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// fact is a name and what is known under it.
type fact struct{ Name, Text string }

// facts are what the catalogue and the survey say of a mesh as a whole.
func facts(o One) []fact {
	var all []fact
	add := func(name, text string) {
		if text != "" {
			all = append(all, fact{name, term.Clean(text)})
		}
	}
	add("what", o.System.Note)
	if o.System.Thesis != nil {
		add("in the thesis", strings.TrimPrefix(o.System.Thesis.ID+" "+o.System.Thesis.Name, "- "))
	} else {
		add("in the thesis", "not there")
	}
	if o.Mesh == nil {
		add("meshbench", "does not know it in a cluster; it is in the survey only")
		return all
	}
	m := *o.Mesh
	add("meshbench", map[mesh.Support]string{mesh.SupportMeasure: "measures it",
		mesh.SupportDetect: "recognises it, and measures nothing in it", mesh.SupportNamed: "names it"}[m.Support])
	if m.Support != mesh.SupportNamed {
		add("known", m.Basis()+": "+m.BasisText())
	}
	add("data plane", strings.Trim(string(m.Architecture)+": "+m.Proxy, ": "))
	add("summary", m.Summary)
	add("state", state(m.Lifecycle))
	add("lifecycle", m.Lifecycle.Note)
	for _, n := range m.Notes {
		add("note", n)
	}
	for _, v := range m.Variants {
		add("variant", strings.TrimSuffix(v.Title+": "+v.Note, ": "))
	}
	add("enrolment", enrolment(m.Enrol))
	add("addressing", m.Address.Note)
	add("unaddressed", m.Address.Impossible)
	for _, c := range m.Costs {
		if c.Note != "" {
			add("cost", cmp.Or(c.Container, string(c.Sides[0]))+": "+c.Note)
		}
	}
	for _, s := range m.Fairness.Documented() {
		add("by default", s)
	}
	add("taken", taken(m.Avoid))
	for _, field := range m.Unverified {
		add("not verified", "spec."+field+" is not used: nobody has verified it")
	}
	return all
}

// enrolment is what enrols pods, and what else it takes.
func enrolment(e mesh.Enrolment) string {
	var parts []string
	if e.How != "" {
		parts = append(parts, e.How)
	}
	if e.Restart {
		parts = append(parts, "Only pods that are created afterwards are enrolled.")
	}
	return strings.Join(parts, " ")
}

// taken are the users and ports that the mesh has for itself.
func taken(a mesh.Avoid) string {
	var parts []string
	for _, uid := range a.UIDs {
		parts = append(parts, fmt.Sprintf("user %d", uid))
	}
	for _, p := range a.Ports {
		text := fmt.Sprintf("port %d", p.From)
		if p.To > 0 {
			text = fmt.Sprintf("ports %d to %d", p.From, p.To)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}

func state(l mesh.Lifecycle) string {
	text := string(l.State)
	if l.Since != "" {
		text += " since " + l.Since
	}
	if l.CNCF != "" {
		text += ", CNCF " + l.CNCF
	}
	if l.LatestSeen != "" {
		text += ", newest version seen: " + l.LatestSeen
	}
	return text
}

// told is all that is known of one cell, as lines.
func told(c survey.Shown, era survey.Era) []string {
	if era == survey.In2022 {
		return []string{term.Clean(c.Value)}
	}
	lead := c.Value
	switch c.Change {
	case survey.Unchecked:
		lead = "not checked since 2022, then " + c.In2022
	case survey.Changed, survey.Open:
		if c.In2022 != "" {
			lead += "; 2022: " + c.In2022
		}
	case survey.Same:
		lead += "; as in 2022"
	case survey.NotIn2022:
		lead += "; not in 2022"
	}
	lines := []string{lead}
	if c.Note != "" {
		lines = append(lines, c.Note)
	}
	if len(c.Sources) > 0 {
		lines = append(lines, origin(c))
	}
	if c.Says != "" {
		lines = append(lines, "“"+c.Says+"”")
	}
	for i := range lines {
		lines[i] = term.Clean(lines[i])
	}
	return lines
}

func (w *writer) one(o One, era survey.Era) {
	w.title(fmt.Sprintf("%s (%s)", o.System.Title, o.System.ID))
	for _, f := range facts(o) {
		w.hang(fmt.Sprintf("%-14s ", f.Name+":"), f.Text, plain)
	}
	for _, t := range o.Tables {
		w.title(t.Number + "  " + t.Title)
		for i, c := range t.Rows[0].Cells {
			if c.Change == survey.Absent {
				continue
			}
			label := fmt.Sprintf("%-14s ", strings.ToLower(t.Columns[i].Title)+":")
			for n, line := range told(c, era) {
				paint := plain
				if n > 0 {
					label, paint = strings.Repeat(" ", len(label)), w.style.Dim
				}
				w.hang(label, line, paint)
			}
		}
	}
}
