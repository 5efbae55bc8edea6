package data

import (
	"fmt"
	"io"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/core/trend"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// TrendPrometheus writes where each line is now, for a textfile collector.
func TrendPrometheus(out io.Writer, r trend.Result, _ term.Style) error {
	var b strings.Builder
	family := func(name, help string, value func(trend.Line) (float64, bool)) {
		fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name)
		for i, l := range r.Lines {
			v, ok := value(l)
			if !ok {
				continue
			}
			fmt.Fprintf(&b, `%s{experiment="%s",level="%s",arm="%s",metric="%s",line="%d"} %s`+"\n", name,
				quoted(l.Experiment), quoted(l.Level), quoted(l.Arm), quoted(string(l.Metric)), i, exact(v))
		}
	}
	last := func(l trend.Line) trend.Segment { return l.Segments[len(l.Segments)-1] }
	family("meshbench_trend_ratio", "Ratio to the baseline: geometric mean over the sessions since the last change.",
		func(l trend.Line) (float64, bool) { return last(l).Ratio.Value, true })
	family("meshbench_trend_change_ratio", "That ratio divided by the one before the last change of level.",
		func(l trend.Line) (float64, bool) {
			if c := last(l).Change; c != nil {
				return *c, true
			}
			return 0, false
		})
	family("meshbench_trend_since_reference_ratio", "The newest sessions' ratio divided by that of the reference.",
		func(l trend.Line) (float64, bool) {
			if l.SinceReference != nil {
				return l.SinceReference.Value, true
			}
			return 0, false
		})
	family("meshbench_trend_worse", "1 if a change for the worse matters, 0 if not; absent where it cannot be told.",
		func(l trend.Line) (float64, bool) {
			if l.Word == trend.Worse {
				return 1, true
			}
			return 0, l.Word != trend.Unknown
		})
	family("meshbench_trend_sessions", "Sessions of the line.",
		func(l trend.Line) (float64, bool) { return float64(len(l.Points)), true })
	_, err := io.WriteString(out, b.String())
	return err
}
