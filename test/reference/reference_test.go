// Package reference keeps the references of the Experiment and the Report
// document, in docs, what the comments in pkg/api say.
package reference

import (
	"flag"
	"fmt"
	"go/ast"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

const begin = "<!-- The reference is made from the comments in pkg/api/v1alpha1: go test ./test/reference -update -->\n"

var update = flag.Bool("update", false, "write the references anew")

func TestTheReferencesAreWhatTheCommentsSay(t *testing.T) {
	declared := parse(t, "../../pkg/api/v1alpha1")
	for document, write := range map[string]func(*testing.T, *strings.Builder, declarations){
		"../../docs/experiments.md": writeExperiment,
		"../../docs/report.md":      writeReport,
	} {
		data, err := os.ReadFile(document)
		if err != nil {
			t.Fatal(err)
		}
		words, have, ok := strings.Cut(string(data), begin)
		if !ok {
			t.Fatalf("%s has no line %q", document, begin)
		}
		var want strings.Builder
		write(t, &want, declared)
		if *update {
			if err := os.WriteFile(document, []byte(words+begin+want.String()), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if have != want.String() {
			t.Errorf("%s is not what the comments say (go test ./test/reference -update writes it anew); want:\n%s", document,
				want.String())
		}
	}
}

// writeExperiment writes one table of all fields by their whole paths, as --set
// takes them.
func writeExperiment(t *testing.T, b *strings.Builder, d declarations) {
	t.Helper()
	b.WriteString("\n| field | meaning |\n| --- | --- |\n")
	d.describe(t, b, "ExperimentSpec", "spec")
}

func (d declarations) describe(t *testing.T, b *strings.Builder, name, path string) {
	t.Helper()
	for _, field := range d.structs[name].Fields.List {
		if key(t, field) == "" { // embedded
			d.describe(t, b, typeName(field.Type), path)
			continue
		}
		full := path + "." + key(t, field)
		text, inner := meaning(field), typeName(field.Type)
		if text == "" && d.structs[inner] == nil {
			text = sizes()[key(t, field)]
		}
		if text == "" {
			t.Errorf("%s has no comment", full)
		}
		fmt.Fprintf(b, "| `%s` | %s |\n", full, text)
		if d.structs[inner] != nil {
			d.describe(t, b, inner, full)
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

// writeReport writes a table for each type that a Report is made of, in the
// order in which they come up. An Experiment has a page of its own.
func writeReport(t *testing.T, b *strings.Builder, d declarations) {
	t.Helper()
	names := []string{"Report"}
	known := map[string]bool{"Report": true, "Experiment": true}
	for i := 0; i < len(names); i++ {
		name := names[i]
		fmt.Fprintf(b, "\n### %s\n\n%s\n\n| field | type | meaning |\n| --- | --- | --- |\n", name, d.comments[name])
		for _, field := range d.fields(name) {
			inner := typeName(field.Type)
			if d.structs[inner] != nil && !known[inner] {
				known[inner] = true
				names = append(names, inner)
			}
			fmt.Fprintf(b, "| `%s` | %s | %s |\n", key(t, field), d.kind(field.Type), meaning(field))
		}
	}
}

// kind is how a type is written in the reference: a link, the values that a
// string may have, or what JSON calls it.
func (d declarations) kind(e ast.Expr) string {
	name := typeName(e)
	text := name
	switch {
	case name == "Experiment":
		text = "[Experiment](experiments.md)"
	case name == "Metric":
		text = "[metric](#metrics)" // those of costs are made of two words
	case name == "Rate":
		text = "number, or `max`"
	case d.structs[name] != nil:
		text = fmt.Sprintf("[%s](#%s)", name, strings.ToLower(name))
	case len(d.values[name]) > 0:
		text = strings.Join(d.values[name], ", ")
	case d.strings[name]:
		text = "string"
	case strings.HasPrefix(name, "int"):
		text = "integer"
	case strings.HasPrefix(name, "float"):
		text = "number"
	case name == "bool":
		text = "boolean"
	case name == "Time":
		text = "RFC 3339 time"
	}
	if _, list := e.(*ast.ArrayType); list {
		text = "list of " + text
	}
	return text
}

// key is a field's name in JSON.
func key(t *testing.T, field *ast.Field) string {
	t.Helper()
	tag, err := strconv.Unquote(field.Tag.Value)
	if err != nil {
		t.Fatal(err)
	}
	name, _, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ",")
	return name
}

// meaning is a field's comment on one line, fit for a table.
func meaning(field *ast.Field) string {
	text := field.Doc.Text()
	if text == "" {
		text = field.Comment.Text()
	}
	return oneLine(text)
}

func oneLine(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", "\\|")
}

// typeName is the name of a type, of what it points to, or of its elements.
func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return typeName(e.X)
	case *ast.ArrayType:
		return typeName(e.Elt)
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.MapType:
		return "object"
	case *ast.Ident:
		return e.Name
	}
	return ""
}
