// Package experiment reads Experiment documents, fills in their defaults,
// checks them, and unfolds their factors into levels. It is pure.
package experiment

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"sigs.k8s.io/yaml"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// MaxDocumentBytes bounds the size of an experiment document.
const MaxDocumentBytes = 1 << 20

// Read reads one document of at most MaxDocumentBytes; source names it in errors.
func Read(in io.Reader, source string) (v1alpha1.Experiment, error) {
	data, err := io.ReadAll(io.LimitReader(in, MaxDocumentBytes+1))
	if err != nil {
		return v1alpha1.Experiment{}, fmt.Errorf("read experiment %s: %w", source, err)
	}
	if len(data) > MaxDocumentBytes {
		return v1alpha1.Experiment{},
			fmt.Errorf("experiment %s is larger than %d bytes: not an experiment document", source, MaxDocumentBytes)
	}
	e, err := Parse(data)
	if err != nil {
		return v1alpha1.Experiment{}, fmt.Errorf("experiment %s: %w", source, err)
	}
	return e, nil
}

// Parse reads a YAML or JSON document strictly: an unknown or repeated field,
// or a value of the wrong kind, is an error that names the field. Defaults are
// not filled in, and values are not checked; see Resolve.
func Parse(data []byte) (v1alpha1.Experiment, error) {
	var tree map[string]any
	if err := yaml.UnmarshalStrict(data, &tree); err != nil {
		return v1alpha1.Experiment{}, fmt.Errorf("not a YAML or JSON object: %w", err)
	}
	if got, _ := tree["kind"].(string); got != v1alpha1.KindExperiment {
		return v1alpha1.Experiment{}, fmt.Errorf("kind is %q, want %q", got, v1alpha1.KindExperiment)
	}
	if got, _ := tree["apiVersion"].(string); got != v1alpha1.APIVersion {
		return v1alpha1.Experiment{}, fmt.Errorf("apiVersion is %q, want %q", got, v1alpha1.APIVersion)
	}
	e, err := decode(tree)
	if err != nil {
		if field, cause := locate(tree); field != "" {
			return v1alpha1.Experiment{}, fmt.Errorf("%s: %w", field, cause)
		}
		return v1alpha1.Experiment{}, err
	}
	return e, nil
}

func decode(tree map[string]any) (v1alpha1.Experiment, error) {
	var e v1alpha1.Experiment
	data, err := json.Marshal(tree)
	if err != nil {
		return e, err
	}
	return e, yaml.UnmarshalStrict(data, &e)
}

// locate finds the first field whose value cannot be decoded. Decoders that
// types bring along do not know their field's name, so each leaf is tried alone.
func locate(tree map[string]any) (field string, cause error) {
	return locateWithin(tree, "", func(leaf any) map[string]any { return leaf.(map[string]any) })
}

func locateWithin(node map[string]any, path string, wrap func(any) map[string]any) (string, error) {
	for _, key := range slices.Sorted(maps.Keys(node)) {
		value := node[key]
		full := key
		if path != "" {
			full = path + "." + key
		}
		inner := func(leaf any) map[string]any { return wrap(map[string]any{key: leaf}) }
		if child, ok := value.(map[string]any); ok && len(child) > 0 {
			if field, err := locateWithin(child, full, inner); err != nil {
				return field, err
			}
			continue
		}
		if _, err := decode(inner(value)); err != nil {
			return full, plain(err)
		}
	}
	return "", nil
}
