package imports

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// maxLines keeps a file to one idea.
const maxLines = 400

// problemsOf checks one source file of a package under pkg.
func problemsOf(name string, source []byte) (problems []string) {
	if lines := bytes.Count(source, []byte("\n")); lines > maxLines {
		problems = append(problems, fmt.Sprintf("%s has %d lines, more than %d", name, lines, maxLines))
	}
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, source, parser.SkipObjectResolution)
	if err != nil {
		return append(problems, err.Error())
	}
	banned := map[string]string{
		"context.Background": "take the caller's context",
		"context.TODO":       "take the caller's context",
		"os.Exit":            "return an error",
		"panic":              "return an error",
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Recv == nil && n.Name.Name == "init" {
				problems = append(problems, fmt.Sprintf("%s: func init", files.Position(n.Pos())))
			}
		case *ast.CallExpr:
			if why, found := banned[callee(n)]; found {
				problems = append(problems, fmt.Sprintf("%s: %s: %s", files.Position(n.Pos()), callee(n), why))
			}
		}
		return true
	})
	return problems
}

func callee(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		if x, ok := f.X.(*ast.Ident); ok {
			return x.Name + "." + f.Sel.Name
		}
	}
	return ""
}

func TestSource(t *testing.T) {
	for _, p := range list(t) {
		if !within(p.name(), "pkg") {
			continue
		}
		for _, name := range p.GoFiles {
			source, err := os.ReadFile(filepath.Join(p.Dir, name))
			if err != nil {
				t.Fatal(err)
			}
			for _, problem := range problemsOf(filepath.Join(p.name(), name), source) {
				t.Error(problem)
			}
		}
	}
}

func TestSourceRulesCanFail(t *testing.T) {
	for _, body := range []string{
		"import \"context\"\n\nvar c = context.Background()\n",
		"import \"context\"\n\nvar c = context.TODO()\n",
		"import \"os\"\n\nfunc f() { os.Exit(1) }\n",
		"func f() { panic(1) }\n",
		"func init() {}\n",
		strings.Repeat("\n", maxLines),
		"not Go",
	} {
		if problems := problemsOf("x.go", []byte("package x\n\n"+body)); len(problems) != 1 {
			t.Errorf("%q has problems %v, want one", body, problems)
		}
	}
	if problems := problemsOf("x.go", []byte("package x\n\ntype t struct{}\n\nfunc (t) init() {}\n")); len(problems) > 0 {
		t.Errorf("a good file has problems %v", problems)
	}
}
