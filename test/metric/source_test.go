package metric_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// named are the places of a file that decide by a metric's name: any mention of
// a percentile, and a list or a case of whatever metric.
func named(t *testing.T, path string, source any) []string {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, source, 0)
	if err != nil {
		t.Fatal(err)
	}
	is := regexp.MustCompile(`^Metric(Throughput|Mean|P\d+|Max|Errors)$`)
	var found []string
	note := func(n ast.Node, what string) { found = append(found, set.Position(n.Pos()).String()+": "+what) }
	in := func(list []ast.Expr, what string) {
		for _, e := range list {
			pair := what == "a case of "
			if kv, ok := e.(*ast.KeyValueExpr); ok {
				e, pair = kv.Key, true
			}
			switch e := e.(type) {
			case *ast.SelectorExpr:
				if is.MatchString(e.Sel.Name) {
					note(e, what+e.Sel.Name)
				}
			case *ast.BasicLit:
				if pair && regexp.MustCompile(`^"p\d\d(\.\d+)?"$`).MatchString(e.Value) {
					note(e, what+e.Value)
				}
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CaseClause:
			in(n.List, "a case of ")
		case *ast.CompositeLit:
			in(n.Elts, "a list with ")
		case *ast.SelectorExpr:
			if regexp.MustCompile(`^Metric(Mean|P\d+|Max)$`).MatchString(n.Sel.Name) {
				note(n, n.Sel.Name)
			}
		case *ast.BinaryExpr:
			if lit, ok := n.Y.(*ast.BasicLit); ok && n.Op == token.EQL {
				in([]ast.Expr{&ast.KeyValueExpr{Key: lit}}, "a comparison with ")
			}
		}
		return true
	})
	return found
}

func TestNothingSwitchesOnTheNamesOfMetrics(t *testing.T) {
	seen := 0
	err := filepath.WalkDir("../../pkg", func(path string, d os.DirEntry, err error) error {
		path = filepath.ToSlash(path)
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") ||
			strings.Contains(path, "pkg/core/metric/") || strings.Contains(path, "pkg/api/") ||
			strings.Contains(path, "pkg/worker/") {
			return err
		}
		seen++
		for _, f := range named(t, path, nil) {
			t.Errorf("%s: look it up in pkg/core/metric", f)
		}
		return nil
	})
	if err != nil || seen < 50 {
		t.Errorf("looked at %d files: %v", seen, err)
	}
	bad := "package p\nfunc f(m M) { switch m { case v1alpha1.MetricErrors: }; _ = []M{v1alpha1.MetricThroughput};" +
		"_ = v1alpha1.MetricP99; _ = m == \"p99.9\" }\n"
	if got := named(t, "bad.go", bad); len(got) != 4 {
		t.Errorf("a bad file shows only %v", got)
	}
}
