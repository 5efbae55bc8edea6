// Package imports keeps the project's packages in their places: who may know
// client-go, who may know fortio, and what is pure.
package imports

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/meshbench/kubectl-meshbench/"

type pkg struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

func list(t *testing.T) []pkg {
	t.Helper()
	c := exec.Command("go", "list", "-json=ImportPath,Imports,Deps", "./...")
	c.Dir = "../.."
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []pkg
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// rule forbids imports. Paths are within the module; "" matches all.
type rule struct {
	why string
	// in says which packages are held to it.
	in func(path string) bool
	// deep also looks at what imports import.
	deep   bool
	forbid []string
}

func under(prefixes ...string) func(string) bool {
	return func(path string) bool {
		return slices.ContainsFunc(prefixes, func(p string) bool { return path == p || strings.HasPrefix(path, p+"/") })
	}
}

func within(prefix string, but ...string) func(string) bool {
	return func(path string) bool { return under(prefix)(path) && !under(but...)(path) }
}

func rules() []rule {
	const plugin, worker = "pkg/plugin/internal/", "pkg/worker/internal/"
	return []rule{
		{why: "pkg/plugin/internal/cluster alone knows client-go", in: within("pkg", plugin+"cluster"),
			forbid: []string{"k8s.io/client-go"}},
		{why: "runs, checks and journals are tested without a client", in: within("pkg", plugin+"cluster", "pkg/plugin/cli"),
			deep: true, forbid: []string{"k8s.io/client-go", "k8s.io/cli-runtime"}},
		{why: "loadgen and target of pkg/worker alone know fortio", in: within("pkg", worker+"loadgen", worker+"target"),
			forbid: []string{"fortio.org"}},
		{why: "the plugin holds no load generator and no server", in: under("cmd/kubectl-meshbench"), deep: true,
			forbid: []string{"fortio.org", module + "pkg/worker"}},
		{why: "the worker never talks to an API server", in: under("cmd/meshbench-worker"), deep: true,
			forbid: []string{"k8s.io/client-go", "k8s.io/cli-runtime", "github.com/spf13", module + "pkg/plugin"}},
		{why: "nothing imports the command line", in: within("pkg", "pkg/plugin/cli"),
			forbid: []string{module + "pkg/plugin/cli"}},
		{why: "the middle is pure", in: under("pkg/core", "pkg/api", "pkg/stats", "pkg/chart", "pkg/render/survey"),
			forbid: []string{"os", "os/exec", "net/http"}},
		{why: "the middle knows neither of the two programs",
			in: under("pkg/core", "pkg/api", "pkg/stats", "pkg/chart", "pkg/report", "pkg/render"), deep: true,
			forbid: []string{"k8s.io/client-go", module + "pkg/plugin", module + "pkg/worker"}},
		{why: "reading a report needs no file and no network", in: under("pkg/report"), forbid: []string{"os", "net/http"}},
		{why: "rendering needs no file and no network", in: within("pkg/render", "pkg/render/term"),
			forbid: []string{"os", "net/http"}},
		{why: "text does not know how data and pages are written", in: under("pkg/render/text"),
			forbid: []string{module + "pkg/render/data", module + "pkg/render/page"}},
		{why: "data does not know how text and pages are written", in: under("pkg/render/data"),
			forbid: []string{module + "pkg/render/text", module + "pkg/render/page"}},
		{why: "a page does not know how text and data are written", in: under("pkg/render/page"),
			forbid: []string{module + "pkg/render/text", module + "pkg/render/data"}},
		{why: "what formats share knows none of them", in: under("pkg/render/internal"),
			forbid: []string{module + "pkg/render/text", module + "pkg/render/data", module + "pkg/render/page"}},
		{why: "what others may import needs nothing that they may not",
			in: under("pkg/api", "pkg/stats", "pkg/chart", "pkg/report"), deep: true,
			forbid: []string{module + "pkg/core", module + "pkg/render"}},
		{why: "nothing of the product needs what tests are made of", in: under("pkg", "cmd", "manifests"),
			forbid: []string{module + "test"}},
	}
}

func violations(all []pkg, rules []rule) []string {
	var found []string
	for _, p := range all {
		path := strings.TrimPrefix(p.ImportPath, module)
		for _, r := range rules {
			if !r.in(path) {
				continue
			}
			imports := p.Imports
			if r.deep {
				imports = p.Deps
			}
			for _, i := range imports {
				if under(r.forbid...)(i) {
					found = append(found, fmt.Sprintf("%s imports %s: %s", path, i, r.why))
				}
			}
		}
	}
	return found
}

func TestPackagesImportOnlyWhatTheyMay(t *testing.T) {
	for _, v := range violations(list(t), rules()) {
		t.Error(v)
	}
}

func TestEveryRuleCanFail(t *testing.T) {
	for _, r := range rules() {
		held := false
		for _, place := range []string{"pkg/core/analyse", "pkg/report", "pkg/render", "pkg/render/text", "pkg/render/data",
			"pkg/render/page", "pkg/render/internal/view", "cmd/kubectl-meshbench", "cmd/meshbench-worker"} {
			if !r.in(place) {
				continue
			}
			p := pkg{ImportPath: module + place, Imports: []string{r.forbid[0]}, Deps: []string{r.forbid[0]}}
			if len(violations([]pkg{p}, []rule{r})) == 0 {
				t.Errorf("%q does not hold %s", r.why, place)
			}
			held = true
		}
		if !held {
			t.Errorf("%q holds none of the places", r.why)
		}
	}
}

// bad is what no file below pkg may hold, outside of tests.
func bad(source string) []string {
	var found []string
	for _, pattern := range []string{`\bcontext\.(Background|TODO)\(\)`, `\bos\.Exit\(`, `\blog\.Fatal`, `(?m)^\s*panic\(`,
		`(?m)^func init\(\)`} {
		if m := regexp.MustCompile(pattern).FindString(source); m != "" {
			found = append(found, m)
		}
	}
	if n := strings.Count(source, "\n"); n > 400 {
		found = append(found, fmt.Sprintf("%d lines", n))
	}
	return found
}

func TestFilesHoldNothingThatBelongsIntoMain(t *testing.T) {
	seen := 0
	err := filepath.WalkDir("../../pkg", func(path string, d os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		seen++
		data, err := os.ReadFile(path)
		for _, b := range bad(string(data)) {
			t.Errorf("%s: %s", path, strings.TrimSpace(b))
		}
		return err
	})
	if err != nil || seen < 50 {
		t.Errorf("looked at %d files: %v", seen, err)
	}
	if got := bad("func init() {\n\tpanic(1)\n\tos.Exit(1)\n}\n" + strings.Repeat("\n", 400)); len(got) != 4 {
		t.Errorf("a bad file shows only %v", got)
	}
}

// Every direct dependency is argued for, and nothing else.
func TestDependenciesAreArguedFor(t *testing.T) {
	text, err := os.ReadFile("../../docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	argued := map[string]bool{}
	for _, m := range regexp.MustCompile("`([a-z0-9.]+\\.[a-z]+/[^`]+)`").FindAllStringSubmatch(string(text), -1) {
		argued[m[1]] = true
	}
	c := exec.Command("go", "mod", "edit", "-json")
	c.Dir = "../.."
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	var mod struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	if err := json.Unmarshal(out, &mod); err != nil {
		t.Fatal(err)
	}
	for _, r := range mod.Require {
		if r.Indirect {
			continue
		}
		if !argued[r.Path] {
			t.Errorf("docs/dependencies.md does not argue for %s", r.Path)
		}
		delete(argued, r.Path)
	}
	for path := range argued {
		t.Errorf("docs/dependencies.md argues for %s, which is no direct dependency", path)
	}
}
