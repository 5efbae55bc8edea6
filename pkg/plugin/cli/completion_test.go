package cli

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/cluster"
)

// completions are the values that Tab would offer.
func completions(t *testing.T, args ...string) []string {
	t.Helper()
	stdout, _, code := invoke(t, "", append([]string{"__complete"}, args...)...)
	if code != exitOK {
		t.Fatalf("%v: exit code %d", args, code)
	}
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	if last := lines[len(lines)-1]; !strings.HasPrefix(last, ":") {
		t.Errorf("%v: the last line is %q, want a directive", args, last)
	}
	return lines[:len(lines)-1]
}

func TestTabOffersWhatThereIs(t *testing.T) {
	for _, c := range []struct {
		args string
		want string
	}{
		{"exp1 --baseline ", "plain"},
		{"exp1 --meshed ", "meshy"},
		{"check --meshed plain,", "plain,meshy"},
		{"exp1 --meshed meshy,", ""},
		{"cleanup --namespaces ", "meshy plain"},
		{"run exp", "exp1 exp2 exp3 exp4"},
		{"run exp1 exp", "exp2 exp3 exp4"},
		{"check exp4", "exp4"},
		{"exp1 -o js", "json jsonpath="},
		{"check -o ", "table short json"},
		{"runs -o ", "table name json yaml"},
		{"report -o n", "name"},
		{"list -o n", "name"},
		{"compare -o ", "table markdown json junit prometheus"},
		{"compare --before ", ""},
		{"compare --min-change ", ""},
		{"survey -o m", "markdown"},
		{"estimate -o ", "table json yaml"},
		{"trend -o ", "table wide json yaml html prometheus"},
		{"import -o ", "table json yaml"},
		{"trend --reference ", ""},
		{"init --mesh istio-", "istio-ambient istio-sidecar"},
		{"init --mesh kuma,link", "kuma,linkerd"},
		{"init --dry-run ", "none client server"},
		{"exp1 --profile t", "thesis"},
		{"exp1 --resources a", "auto all"},
		{"report --inconclusive ", "fail pass"},
		{"exp1 --set load.cpuL", "load.cpuLimit="},
		{"exp1 --set schedule.r", "schedule.repeats= schedule.requestTimeout= schedule.rounds="},
		{"runs delete ", ""},
		{"survey lin", "linkerd linkerd1"},
		{"exp1 --load-node ", ""},
		{"run --resume ", ""},
	} {
		args := strings.Split(c.args, " ")
		got := completions(t, args...)
		for i := range got {
			got[i], _, _ = strings.Cut(got[i], "\t")
		}
		want := strings.Fields(c.want)
		if !slices.Equal(got, want) {
			t.Errorf("%q completes to %q, want %q", c.args, got, want)
		}
	}
}

func TestALookupThatFailsOffersNothing(t *testing.T) {
	var out, log strings.Builder
	a := newApp("v1", genericiooptions.IOStreams{Out: &out, ErrOut: &log})
	a.connect = func() (*cluster.Client, error) { return nil, errors.New("no cluster") }
	root := newRoot(a)
	root.SetArgs([]string{"__complete", "exp1", "--baseline", ""})
	if err := root.ExecuteContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	if out.String() != ":4\n" {
		t.Errorf("standard output is %q, want the directive alone", out.String())
	}
}

func TestTheCompleterIsTheProgramUnderAnotherName(t *testing.T) {
	if got := Args([]string{"/usr/bin/kubectl_complete-meshbench", "exp1", ""}); !slices.Equal(got,
		[]string{"__complete", "exp1", ""}) {
		t.Errorf("arguments are %q", got)
	}
	if got := Args([]string{"kubectl-meshbench", "exp1"}); !slices.Equal(got, []string{"exp1"}) {
		t.Errorf("arguments are %q", got)
	}
	script, _, code := invoke(t, "", "completion", "kubectl")
	if code != exitOK || !strings.HasPrefix(script, "#!/") ||
		!strings.Contains(script, `kubectl meshbench __complete "$@"`) {
		t.Errorf("exit code %d, script %q", code, script)
	}
}
