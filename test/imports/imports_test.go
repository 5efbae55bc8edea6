package imports

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// rule keeps imports to the packages that may have them.
type rule struct {
	imports []string
	// only lists who may import them; unless forbidden lists who may not.
	only      []string
	forbidden []string
	// deep looks at all dependencies rather than at imports.
	deep bool
}

func rules() []rule {
	pure := []string{"pkg/api", "pkg/experiment", "pkg/plan", "pkg/workload", "pkg/stats", "pkg/analyse", "pkg/render", "pkg/wire"}
	return []rule{
		{imports: []string{"k8s.io/client-go"}, only: []string{"pkg/cluster", "pkg/cli", "cmd/kubectl-meshbench", "test"}},
		{imports: []string{"k8s.io/cli-runtime"}, only: []string{"pkg/cli", "cmd/kubectl-meshbench"}},
		{imports: []string{"fortio.org"}, only: []string{"pkg/loadgen", "pkg/target", "test/bench"}},
		{imports: []string{module + "/pkg/cli"}, only: []string{"cmd"}},
		{imports: []string{"k8s.io/client-go", "net/http", "os", "os/exec", "syscall"}, forbidden: pure},
		// workload joins a host and a port; nothing pure may open a connection.
		{imports: []string{"net"}, forbidden: slices.DeleteFunc(slices.Clone(pure), func(p string) bool { return p == "pkg/workload" })},
		{imports: []string{"fortio.org", "google.golang.org/grpc"}, forbidden: []string{"cmd/kubectl-meshbench"}, deep: true},
		{imports: []string{"k8s.io/client-go", "k8s.io/cli-runtime"}, forbidden: []string{"cmd/meshbench-worker"}, deep: true},
	}
}

func (r rule) check(packages []pkg) (problems []string) {
	for _, p := range packages {
		if r.only != nil && withinAny(p.name(), r.only) || r.forbidden != nil && !withinAny(p.name(), r.forbidden) {
			continue
		}
		reached := p.Imports
		if r.deep {
			reached = p.Deps
		}
		for _, path := range reached {
			if matches(path, r.imports) {
				problems = append(problems, fmt.Sprintf("%s must not import %s", p.name(), path))
			}
		}
	}
	return problems
}

// matches takes a path of the standard library exactly: net/url is not net.
func matches(path string, wanted []string) bool {
	if !strings.Contains(path, ".") {
		return slices.Contains(wanted, path)
	}
	return withinAny(path, wanted)
}

func TestImports(t *testing.T) {
	packages := list(t)
	if len(packages) < 10 {
		t.Fatalf("go list found %d packages only", len(packages))
	}
	for _, r := range rules() {
		for _, problem := range r.check(packages) {
			t.Error(problem)
		}
	}
}

func TestImportRulesCanFail(t *testing.T) {
	for _, p := range []pkg{
		{ImportPath: "pkg/runner", Imports: []string{"k8s.io/client-go/kubernetes"}},
		{ImportPath: "pkg/render", Imports: []string{"k8s.io/cli-runtime/pkg/printers"}},
		{ImportPath: "pkg/wire", Imports: []string{"fortio.org/fortio/fhttp"}},
		{ImportPath: "pkg/runner", Imports: []string{module + "/pkg/cli"}},
		{ImportPath: "pkg/stats", Imports: []string{"os"}},
		{ImportPath: "pkg/plan", Imports: []string{"net"}},
		{ImportPath: "pkg/workload", Imports: []string{"net/http"}},
		{ImportPath: "cmd/kubectl-meshbench", Deps: []string{"fortio.org/log"}},
		{ImportPath: "cmd/kubectl-meshbench", Deps: []string{"google.golang.org/grpc"}},
		{ImportPath: "cmd/meshbench-worker", Deps: []string{"k8s.io/client-go/rest"}},
	} {
		p.ImportPath = module + "/" + p.ImportPath
		found := 0
		for _, r := range rules() {
			found += len(r.check([]pkg{p}))
		}
		if found == 0 {
			t.Errorf("nothing forbids %+v", p)
		}
	}
	fine := pkg{ImportPath: module + "/pkg/workload", Imports: []string{"net", "net/url", "k8s.io/api/core/v1"}}
	for _, r := range rules() {
		if problems := r.check([]pkg{fine}); len(problems) > 0 {
			t.Errorf("a good package has problems %v", problems)
		}
	}
}
