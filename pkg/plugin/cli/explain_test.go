package cli

import (
	"slices"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/core/analyse"
)

func TestEveryFindingIsExplained(t *testing.T) {
	codes, sections := findingSections()
	for _, code := range analyse.Codes() {
		text, there := sections[code]
		if !there {
			t.Errorf("docs/findings.md has no section for %s", code)
			continue
		}
		for _, part := range []string{"\nCause: ", "\nFix: ", "\n    "} {
			if !strings.Contains(text, part) {
				t.Errorf("docs/findings.md: %s has no %q", code, part)
			}
		}
		if !strings.Contains(text, " "+code) {
			t.Errorf("docs/findings.md: the example of %s is of another finding", code)
		}
	}
	for _, code := range codes {
		if !slices.Contains(analyse.Codes(), code) {
			t.Errorf("docs/findings.md explains %s, which no rule raises", code)
		}
	}
}

func TestExplain(t *testing.T) {
	explain := func(t *testing.T, args ...string) (out, log string, code int) {
		t.Helper()
		return builtAs(t, "v1.2.3", append([]string{"explain"}, args...)...)
	}
	if out, _, code := explain(t, "steal"); code != 0 || !strings.HasPrefix(out, "steal\n\nThe hypervisor") {
		t.Errorf("exit code %d, printed %q", code, out)
	}
	if out, _, code := explain(t); code != 0 || !strings.Contains(out, "\none-session\n") {
		t.Errorf("exit code %d, printed %q", code, out)
	}
	_, said, code := explain(t, "node-satured")
	if code != 2 || !strings.Contains(said, `did you mean "node-saturated"?`) {
		t.Errorf("exit code %d, said %q", code, said)
	}
}

func TestNearWords(t *testing.T) {
	for word, want := range map[string]string{
		"rport": "report", "chekc": "check", "exp7": "exp1", "zzz": "", "": "", "reports": "report",
	} {
		got := didYouMean(word, []string{"report", "check", "exp1"})
		if want == "" && got != "" || want != "" && !strings.Contains(got, `"`+want+`"`) {
			t.Errorf("%q is near %q, want %q", word, got, want)
		}
	}
}
