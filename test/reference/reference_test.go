// Package reference keeps the reference of the Experiment document, in
// docs/experiments.md, what the comments in pkg/api say.
package reference

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

const (
	source   = "../../pkg/api/v1alpha1/experiment.go"
	document = "../../docs/experiments.md"
	begin    = "<!-- The reference is made from the comments in pkg/api/v1alpha1: go test ./test/reference -update -->\n"
)

var update = flag.Bool("update", false, "write the reference anew")

func TestTheReferenceIsWhatTheCommentsSay(t *testing.T) {
	data, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	words, have, ok := strings.Cut(string(data), begin)
	if !ok {
		t.Fatalf("%s has no line %q", document, begin)
	}
	want := reference(t)
	if *update {
		if err := os.WriteFile(document, []byte(words+begin+want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if have != want {
		t.Errorf("%s is not what the comments say (go test ./test/reference -update writes it anew); want:\n%s", document, want)
	}
}

// structs are the types of the document by their name, with their fields.
func structs(t *testing.T) map[string]*ast.StructType {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), source, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*ast.StructType{}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.TypeSpec); ok {
			if s, ok := spec.Type.(*ast.StructType); ok {
				all[spec.Name.Name] = s
			}
		}
		return true
	})
	return all
}

func reference(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("\n| field | meaning |\n| --- | --- |\n")
	describe(t, &b, structs(t), "ExperimentSpec", "spec")
	return b.String()
}

func describe(t *testing.T, b *strings.Builder, all map[string]*ast.StructType, name, path string) {
	t.Helper()
	for _, field := range all[name].Fields.List {
		tag, err := strconv.Unquote(field.Tag.Value)
		if err != nil {
			t.Fatal(err)
		}
		key, _, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ",")
		full := path + "." + key
		text := strings.Join(strings.Fields(field.Doc.Text()), " ")
		inner := typeName(field.Type)
		if text == "" && all[inner] == nil {
			text = sizes()[key]
		}
		if text == "" {
			t.Errorf("%s has no comment", full)
		}
		fmt.Fprintf(b, "| `%s` | %s |\n", full, strings.ReplaceAll(text, "|", "\\|"))
		if all[inner] != nil {
			describe(t, b, all, inner, full)
		}
	}
}

// sizes are fields that say by their name what they are.
func sizes() map[string]string {
	return map[string]string{
		"cpuRequest": "A quantity, such as 250m (default).",
		"cpuLimit":   "A quantity, default 2.",
		"memory":     "Request and limit, a quantity of 32Mi or more, default 128Mi.",
	}
}

func typeName(e ast.Expr) string {
	if star, ok := e.(*ast.StarExpr); ok {
		e = star.X
	}
	if ident, ok := e.(*ast.Ident); ok {
		return ident.Name
	}
	return ""
}
