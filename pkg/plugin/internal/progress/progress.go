// Package progress shows a run's events to people, on standard error: one line
// that is redrawn on a terminal, one line per event anywhere else.
package progress

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/runner"
)

// Lines returns a sink that writes one line per event, for logs and pipes. Of
// a trial's seconds it says nothing.
func Lines(out io.Writer) func(runner.Event) {
	return func(e runner.Event) {
		if line := describe(e); line != "" {
			_, _ = fmt.Fprintln(out, line)
		}
	}
}

// Live returns a sink for a terminal of that many columns: finished steps stay,
// the trial that runs is one line that is redrawn each second.
func Live(out io.Writer, columns int) func(runner.Event) {
	l := &live{out: out, columns: columns}
	return l.show
}

type live struct {
	out     io.Writer
	columns int
	status  string
	started runner.TrialStarted
	begun   time.Time
}

func (l *live) show(e runner.Event) {
	switch e := e.(type) {
	case runner.TrialStarted:
		l.started, l.begun = e, time.Now()
		l.redraw(describe(e))
	case runner.TrialSecond:
		remaining := max(0, l.started.Remaining-time.Since(l.begun))
		text := fmt.Sprintf("%s  %d/s", position(l.started.Index, l.started.Total, trialName(l.started)), e.Second.Requests)
		if e.Second.P99Seconds != nil {
			text += fmt.Sprintf("  p99 %s", seconds(*e.Second.P99Seconds))
		}
		l.redraw(text + "  " + eta(remaining))
	case runner.TrialDone:
		if e.Result.Status == v1alpha1.TrialVoid {
			l.keep(describe(e))
		}
	default:
		l.keep(describe(e))
	}
}

// redraw replaces the status line. It never wraps: a wrapped line cannot be
// taken back.
func (l *live) redraw(text string) {
	if runes := []rune(text); len(runes) >= l.columns && l.columns > 1 {
		text = string(runes[:l.columns-1])
	}
	padding := max(0, len([]rune(l.status))-len([]rune(text)))
	_, _ = fmt.Fprintf(l.out, "\r%s%s", text, strings.Repeat(" ", padding))
	l.status = text
}

func (l *live) keep(line string) {
	if line == "" {
		return
	}
	if l.status != "" {
		l.redraw("")
		_, _ = fmt.Fprint(l.out, "\r")
		l.status = ""
	}
	_, _ = fmt.Fprintln(l.out, line)
}
