package imports

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"testing"
)

// argued are the modules that docs/dependencies.md gives a line to.
func argued(document []byte) (modules []string) {
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\| .{20,} \\|$").FindAllSubmatch(document, -1) {
		modules = append(modules, string(m[1]))
	}
	slices.Sort(modules)
	return modules
}

func TestEveryDependencyIsArguedFor(t *testing.T) {
	var mod struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	if err := json.Unmarshal(goRun(t, "mod", "edit", "-json"), &mod); err != nil {
		t.Fatal(err)
	}
	var direct []string
	for _, r := range mod.Require {
		if !r.Indirect {
			direct = append(direct, r.Path)
		}
	}
	slices.Sort(direct)
	document, err := os.ReadFile("../../docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	if got := argued(document); len(direct) == 0 || !slices.Equal(got, direct) {
		t.Errorf("docs/dependencies.md argues for\n%v\nbut go.mod requires\n%v", got, direct)
	}
}

func TestALineWithoutAnArgumentIsNone(t *testing.T) {
	got := argued([]byte("| `a.b/c` |  |\n| `a.b/d` | is needed for this and that |\n"))
	if !slices.Equal(got, []string{"a.b/d"}) {
		t.Errorf("argued for %v, want only a.b/d", got)
	}
}
