package data

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/view"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// The parts of JUnit's XML that CI systems read.
type junitSuite struct {
	XMLName  xml.Name    `xml:"testsuite"`
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Time     *float64    `xml:"time,attr,omitempty"` // seconds; nil where none were measured
	Cases    []junitCase `xml:"testcase"`
	Output   string      `xml:"system-out,omitempty"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Time    *float64      `xml:"time,attr,omitempty"` // likewise; each second is in one case only
	Failure *junitMessage `xml:"failure"`
	Skipped *junitMessage `xml:"skipped"`
	Output  string        `xml:"system-out,omitempty"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
}

// JUnit writes one case per objective, and one per cell that says whether
// it can be compared. An undecided objective is skipped, not passed.
func JUnit(out io.Writer, r v1alpha1.Report, _ term.Style) error {
	took := r.Run.FinishedAt.Sub(r.Run.StartedAt).Seconds()
	suite := junitSuite{Name: "meshbench " + term.Clean(r.Run.ID), Time: &took}
	for _, cell := range r.Cells {
		c := junitCase{Class: className(cell.Address), Name: "is comparable", Time: measuredSeconds(r, cell.Address),
			Output: warnings(r, cell.Address)}
		if cell.Void {
			c.Failure = &junitMessage{Message: className(cell.Address) + ": " + term.Clean(whyVoid(r, cell))}
		}
		suite.add(c)
	}
	for _, s := range r.Searches {
		c := junitCase{Class: className(s.Address), Name: term.Clean("highest rate with " + s.SLO),
			Time: measuredSeconds(r, s.Address)}
		if row := view.SearchRowOf(s); s.Conclusive {
			c.Output = fmt.Sprintf("limit %s, holds at %s, fails at %s", row.Cells()[0], row.Holds, row.Fails)
		} else {
			c.Skipped = &junitMessage{Message: term.Clean("inconclusive: " + s.Reason)}
		}
		suite.add(c)
	}
	for _, v := range r.Verdicts {
		c := junitCase{Class: className(v.Address), Name: term.Clean(v.SLO)}
		switch evidence := term.Clean(v.Evidence); v.Result {
		case v1alpha1.VerdictFail:
			c.Failure = &junitMessage{Message: className(v.Address) + ": " + evidence}
		case v1alpha1.VerdictInconclusive:
			c.Skipped = &junitMessage{Message: "inconclusive: " + evidence}
		default:
			c.Output = evidence
		}
		suite.add(c)
	}
	return suite.write(out)
}

func className(a v1alpha1.Address) string {
	return term.Clean(strings.Join([]string{a.Experiment, a.Level, a.Arm}, "."))
}

// measuredSeconds is the length of all windows of a cell; nil if it has none.
func measuredSeconds(r v1alpha1.Report, at v1alpha1.Address) *float64 {
	total, any := 0.0, false
	for _, t := range r.Trials {
		if t.Cell() == at && t.Window != nil {
			total, any = total+t.Window.Seconds, true
		}
	}
	if !any {
		return nil
	}
	return &total
}

// warnings are the findings that qualify a cell's figures, one a line.
func warnings(r v1alpha1.Report, at v1alpha1.Address) string {
	var all []string
	for _, f := range r.Findings {
		if f.Severity == v1alpha1.SeverityWarn && f.Covers(at) {
			all = append(all, term.Clean("WARN "+f.Code+": "+f.Evidence))
		}
	}
	return strings.Join(all, "\n")
}

// whyVoid joins the findings that void a cell.
func whyVoid(r v1alpha1.Report, c v1alpha1.Cell) string {
	var all []string
	for _, f := range r.Findings {
		if f.Severity == v1alpha1.SeverityVoid && f.Covers(c.Address) {
			all = append(all, f.Code+": "+f.Evidence)
		}
	}
	return strings.Join(all, "; ")
}
