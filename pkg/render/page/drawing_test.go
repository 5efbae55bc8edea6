package page_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/render/page"
	"github.com/meshbench/kubectl-meshbench/test/golden"
)

func TestDrawingsStandAlone(t *testing.T) {
	reports := golden.Reports(t)
	for report, wanted := range map[string][]string{
		"capacity": {"capacity-01-by-placement-1-throughput.svg", "exp1-01-ratio-to-the-baseline.svg"},
		"levels": {"exp2-01-by-requests-per-second-asked-for-1-throughput.svg",
			"exp2-01-by-requests-per-second-asked-for-6-cores-client-application.svg",
			"exp2-02-latency-by-level-plain.svg", "exp2-03-latency-by-level-meshy.svg"},
	} {
		all, err := page.Drawings(reports[report])
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, d := range all {
			names = append(names, d.Name)
			var b bytes.Buffer
			if err := d.Write(&b); err != nil {
				t.Fatal(err)
			}
			if text := b.String(); !strings.HasPrefix(text, "<svg xmlns=") || !strings.Contains(text, "run 260102-030405-abcd") {
				t.Errorf("%s: %.200s", d.Name, text)
			}
			if slices.Contains([]string{"capacity-01-by-placement-1-throughput.svg", "exp2-03-latency-by-level-meshy.svg"},
				d.Name) {
				golden.Check(t, d.Name, b.Bytes())
			}
		}
		for _, name := range wanted {
			if !slices.Contains(names, name) {
				t.Errorf("%s has no %s, only %s", report, name, strings.Join(names, " "))
			}
		}
		if !slices.ContainsFunc(names, func(n string) bool { return strings.Contains(n, "quartiles-of-latency") }) {
			t.Errorf("%s has no boxes", report)
		}
	}
}
