package loopback_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/test/loopback"
)

// Every scenario file says what a user must be told, and how the call ends.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		scenario, err := loopback.Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, want := range scenario.Want {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml")+"/"+want.Call, func(t *testing.T) {
				t.Parallel()
				l := open(t, scenario)
				args := append(strings.Fields(want.Call), want.Args...)
				if want.Call == "run" {
					args = small(want.Args...)
				}
				o := l.call(args...)
				if o.code != want.Exit {
					t.Errorf("exit %d, want %d\n%s%s", o.code, want.Exit, o.out, o.errOut)
				}
				said := strings.Join(strings.Fields(o.out+o.errOut), " ") // lines are wrapped for a terminal
				for _, part := range want.Says {
					if !strings.Contains(said, part) {
						t.Errorf("does not say %q:\n%s%s", part, o.out, o.errOut)
					}
				}
				for _, part := range want.Never {
					if strings.Contains(said, part) {
						t.Errorf("says %q:\n%s%s", part, o.out, o.errOut)
					}
				}
				if want.Trials > 0 {
					if n := completed(t, o.report(t)); n != want.Trials {
						t.Errorf("%d trials with a result, want %d\n%s", n, want.Trials, o.errOut)
					}
				}
				if want.Repeats == 0 && want.Trials > 0 && l.server.LoadPods() > want.Trials {
					t.Errorf("%d load pods for %d trials: a refusal of the API was taken for one of the trial",
						l.server.LoadPods(), want.Trials)
				}
				l.nothingLeft()
			})
		}
	}
}
