package experiment

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/meshbench/kubectl-meshbench/manifests"
	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Document is a built-in experiment with its source text.
type Document struct {
	Experiment v1alpha1.Experiment
	YAML       []byte
}

// Builtin returns the experiments that the plugin carries, sorted by name.
func Builtin() ([]Document, error) {
	const dir = "experiments"
	entries, err := fs.ReadDir(manifests.Files, dir)
	if err != nil {
		return nil, fmt.Errorf("built-in experiments: %w", err)
	}
	var docs []Document
	for _, entry := range entries {
		data, err := fs.ReadFile(manifests.Files, path.Join(dir, entry.Name()))
		if err != nil {
			return nil, fmt.Errorf("built-in experiments: %w", err)
		}
		e, err := Read(bytes.NewReader(data), entry.Name())
		if err != nil {
			return nil, err
		}
		docs = append(docs, Document{Experiment: e, YAML: data})
	}
	return docs, nil
}

// Named returns the built-in experiment of that name.
func Named(name string) (v1alpha1.Experiment, error) {
	docs, err := Builtin()
	if err != nil {
		return v1alpha1.Experiment{}, err
	}
	var names []string
	for _, d := range docs {
		if d.Experiment.Metadata.Name == name {
			return d.Experiment, nil
		}
		names = append(names, d.Experiment.Metadata.Name)
	}
	return v1alpha1.Experiment{},
		fmt.Errorf("no built-in experiment %q: there are %s; use -f for a file", name, strings.Join(names, ", "))
}
