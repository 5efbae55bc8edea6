package text_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/pkg/render/text"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
	"github.com/meshbench/kubectl-meshbench/test/golden"
)

// slopesOf is what a table and Markdown say of slopes, on one line each.
func slopesOf(t *testing.T, r v1alpha1.Report) map[string]string {
	t.Helper()
	out := map[string]string{}
	for name, write := range map[string]func(*bytes.Buffer) error{
		"table":    func(b *bytes.Buffer) error { return text.Table(b, r, term.Style{}) },
		"markdown": func(b *bytes.Buffer) error { return text.Markdown(b, r, term.Style{}) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		_, after, _ := strings.Cut(b.String(), "each hop adds")
		after, _, _ = strings.Cut(after, "one service's is.")
		out[name] = strings.Join(strings.Fields(after), " ")
	}
	return out
}

func chain(rounds int, hops []int, o fixture.Options) fixture.Options {
	o.Experiment = fixture.Chain(rounds, fixture.Options{}).Experiment
	o.Experiment.Spec.Factors.Hops = hops
	return fixture.Chain(rounds, o)
}

func TestWhatIsSaidOfSlopes(t *testing.T) {
	all := []int{1, 2, 4, 8}
	void := func(arm string) func(*v1alpha1.Report) {
		return func(r *v1alpha1.Report) {
			if arm == "plain" {
				r.Arms[0].Target.Containers = append(r.Arms[0].Target.Containers, v1alpha1.Container{Name: "stray", Injected: true})
				r.Arms[0].DataPlane.OwnContainers = []string{"stray"}
			}
		}
	}
	for name, c := range map[string]struct {
		report         v1alpha1.Report
		wanted, absent []string
	}{
		"clean": {golden.Completed(t, chain(6, all, fixture.Options{}), nil),
			[]string{"over hops 1, 2, 4, 8, one in each round.", "meshy - baseline", "meshy / baseline"},
			[]string{"too few", "bent", "bends", "n/a"}},
		"two rounds": {golden.Completed(t, chain(2, all, fixture.Options{}), nil),
			[]string{"2 rounds have all levels: too few for an interval.", "meshy - baseline"},
			[]string{"..", "meshy / baseline"}},
		"two values": {golden.Completed(t, chain(4, []int{1, 8}, fixture.Options{}), nil),
			[]string{"over hops 1, 8, one", "a third would tell", "meshy / baseline"}, []string{"bent"}},
		"a void baseline": {golden.Completed(t, chain(4, all, fixture.Options{}), void("plain")),
			[]string{"plain: hops=1 is void.", "n/a"}, []string{"meshy - baseline", "meshy / baseline"}},
		"saturated": {golden.Completed(t, chain(4, all, fixture.Options{Edit: func(x *v1alpha1.Trial) {
			if x.Level == "hops=8" {
				for i := range x.Resources.Nodes {
					*x.Resources.Nodes[i].CPUSeconds += 0.002 * float64(x.Load.Requests)
				}
			}
		}}), nil),
			[]string{"(bent)", "meshy bends: hops=8 is off the line of the other levels by +3.99 s CPU/1K",
				"not each hop adds the same"}, nil},
	} {
		for format, said := range slopesOf(t, c.report) {
			for _, text := range c.wanted {
				if !strings.Contains(said, text) {
					t.Errorf("%s, %s lacks %q:\n%s", name, format, text, said)
				}
			}
			for _, text := range c.absent {
				if strings.Contains(said, text) {
					t.Errorf("%s, %s says %q:\n%s", name, format, text, said)
				}
			}
		}
	}
}
