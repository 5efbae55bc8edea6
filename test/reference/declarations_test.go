package reference

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// declarations are what a package's files declare, as far as a reference needs it.
type declarations struct {
	structs  map[string]*ast.StructType
	comments map[string]string
	// strings are the types that are strings, and values the constants of each.
	strings map[string]bool
	values  map[string][]string
}

func parse(t *testing.T, folder string) declarations {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no Go files in %s: %v", folder, err)
	}
	d := declarations{structs: map[string]*ast.StructType{}, comments: map[string]string{}, strings: map[string]bool{},
		values: map[string][]string{}}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			if g, ok := decl.(*ast.GenDecl); ok {
				d.add(g)
			}
		}
	}
	return d
}

// isDocument reports whether a struct has fields with names in JSON; one that only
// wraps a value writes itself.
func isDocument(kind *ast.StructType) bool {
	return slices.ContainsFunc(kind.Fields.List, func(f *ast.Field) bool { return f.Tag != nil })
}

func (d declarations) add(g *ast.GenDecl) {
	for _, spec := range g.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			d.comments[spec.Name.Name] = oneLine(g.Doc.Text() + spec.Doc.Text())
			switch kind := spec.Type.(type) {
			case *ast.StructType:
				if isDocument(kind) {
					d.structs[spec.Name.Name] = kind
				}
			case *ast.Ident:
				d.strings[spec.Name.Name] = kind.Name == "string"
			}
		case *ast.ValueSpec:
			of := typeName(spec.Type)
			for _, value := range spec.Values {
				literal, ok := value.(*ast.BasicLit)
				if of == "" || !ok || literal.Kind != token.STRING {
					continue
				}
				if text, err := strconv.Unquote(literal.Value); err == nil {
					d.values[of] = append(d.values[of], "`"+text+"`")
				}
			}
		}
	}
}

// fields are those of a type as JSON has them: those of an embedded type are its own.
func (d declarations) fields(name string) []*ast.Field {
	var all []*ast.Field
	for _, field := range d.structs[name].Fields.List {
		if len(field.Names) == 0 {
			all = append(all, d.fields(typeName(field.Type))...)
			continue
		}
		all = append(all, field)
	}
	return all
}
