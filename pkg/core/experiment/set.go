package experiment

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
)

// Set returns e with assignments made to its fields, in order. An assignment is
// PATH=VALUE: the path names a field of the document, from its root or from
// spec; the value is YAML, and nothing leaves the field to its default. What
// comes out is read as strictly as a document is.
func Set(e v1alpha1.Experiment, assignments []string) (v1alpha1.Experiment, error) {
	if len(assignments) == 0 {
		return e, nil
	}
	data, err := json.Marshal(e)
	if err != nil {
		return e, err
	}
	var tree map[string]any
	if err := json.Unmarshal(data, &tree); err != nil {
		return e, err
	}
	for _, text := range assignments {
		if err := assign(tree, text); err != nil {
			return e, fmt.Errorf("%.200q: %w", text, err)
		}
	}
	if data, err = json.Marshal(tree); err != nil {
		return e, err
	}
	return Parse(data)
}

func assign(tree map[string]any, text string) error {
	path, value, ok := strings.Cut(text, "=")
	if !ok {
		return fmt.Errorf("there is no =: write e.g. factors.rate=100")
	}
	if len(value) > MaxDocumentBytes {
		return fmt.Errorf("the value is larger than %d bytes", MaxDocumentBytes)
	}
	full, err := field(strings.TrimSpace(path))
	if err != nil {
		return err
	}
	var parsed any
	if err := yaml.UnmarshalStrict([]byte(value), &parsed); err != nil {
		return fmt.Errorf("the value is no YAML: %s", strings.Join(strings.Fields(err.Error()), " "))
	}
	steps := strings.Split(full, ".")
	node := tree
	for _, step := range steps[:len(steps)-1] {
		child, ok := node[step].(map[string]any)
		if !ok {
			child = map[string]any{}
			node[step] = child
		}
		node = child
	}
	last := steps[len(steps)-1]
	if parsed == nil {
		delete(node, last)
		return nil
	}
	node[last] = parsed
	return nil
}

// field is the full path of a field that exists.
func field(path string) (string, error) {
	known := fields()
	for _, full := range []string{path, "spec." + path} {
		if known[full] {
			return full, nil
		}
	}
	nearest, least := "", len(path)+1
	for _, candidate := range slices.Sorted(maps.Keys(known)) {
		for _, name := range []string{candidate, strings.TrimPrefix(candidate, "spec.")} {
			if d := words.Distance(path, name); d < least {
				nearest, least = candidate, d
			}
		}
	}
	if nearest == "" {
		return "", fmt.Errorf("there is no field %.80q", path)
	}
	return "", fmt.Errorf("there is no field %.80q: did you mean %s?", path, nearest)
}

// Fields lists the paths that [Set] takes, without those that hold other fields;
// sorted, and without the spec. that may be left out.
func Fields() []string {
	known := fields()
	var out []string
	for path := range known {
		holds := func(other string) bool { return strings.HasPrefix(other, path+".") }
		if short, inSpec := strings.CutPrefix(path, "spec."); inSpec && !slices.ContainsFunc(keys(known), holds) {
			out = append(out, short)
		}
	}
	slices.Sort(out)
	return out
}

func keys(all map[string]bool) []string { return slices.Collect(maps.Keys(all)) }

// fields are the paths of all fields of an Experiment.
func fields() map[string]bool {
	all := map[string]bool{}
	collect(reflect.TypeFor[v1alpha1.Experiment](), "", all)
	return all
}

// collect adds the fields below a type. Types that decode themselves have none.
func collect(t reflect.Type, path string, into map[string]bool) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if path != "" {
		into[path] = true
	}
	if t.Kind() != reflect.Struct || reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return
	}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name == "" && t.Field(i).Anonymous {
			collect(t.Field(i).Type, path, into)
			continue
		}
		collect(t.Field(i).Type, strings.TrimPrefix(path+"."+name, "."), into)
	}
}
