package mesh

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/manifests"
)

// Catalogue holds meshes by id. The zero value knows none.
type Catalogue struct {
	meshes []Mesh // sorted by id
}

// Builtin is the catalogue that meshbench ships.
func Builtin() (Catalogue, error) {
	shipped, err := fs.Sub(manifests.Files, "meshes")
	if err != nil {
		return Catalogue{}, fmt.Errorf("catalogue of meshes: %w", err)
	}
	return Load(shipped)
}

// Load reads every *.yaml in the root of each file system. Each file holds one
// mesh and is named after it.
func Load(sources ...fs.FS) (Catalogue, error) {
	var c Catalogue
	var errs []error
	for _, source := range sources {
		names, err := fs.Glob(source, "*.yaml")
		if err != nil {
			return Catalogue{}, fmt.Errorf("catalogue of meshes: %w", err)
		}
		for _, name := range names {
			data, err := fs.ReadFile(source, name)
			if err != nil {
				return Catalogue{}, fmt.Errorf("catalogue of meshes: %w", err)
			}
			m, err := Parse(data)
			switch {
			case err != nil:
				errs = append(errs, fmt.Errorf("mesh document %s: %w", name, err))
			case m.ID != strings.TrimSuffix(path.Base(name), ".yaml"):
				errs = append(errs, fmt.Errorf("mesh document %s: metadata.name is %q, want the name of the file", name, m.ID))
			case c.has(m.ID):
				errs = append(errs, fmt.Errorf("mesh document %s: there is another mesh %s", name, m.ID))
			default:
				c.meshes = append(c.meshes, m)
			}
		}
	}
	for _, m := range c.meshes {
		for _, other := range m.Enrol.Beats {
			if !c.has(other) {
				errs = append(errs, fmt.Errorf("mesh document %s.yaml: spec.enrol.beats: there is no mesh %s", m.ID, other))
			}
		}
	}
	slices.SortFunc(c.meshes, func(a, b Mesh) int { return strings.Compare(a.ID, b.ID) })
	return c, errors.Join(errs...)
}

func (c Catalogue) has(id string) bool {
	return slices.ContainsFunc(c.meshes, func(m Mesh) bool { return m.ID == id })
}

// All are the meshes by id, those named in the survey only included.
func (c Catalogue) All() []Mesh { return slices.Clone(c.meshes) }

// IDs are the ids of the meshes that can occur in a cluster.
func (c Catalogue) IDs() []string {
	var ids []string
	for _, m := range c.meshes {
		if m.Support != SupportNamed {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

// UnknownError says that there is no mesh of that id.
type UnknownError struct {
	ID    string
	Known []string
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("there is no mesh %q: want one of %s", e.ID, strings.Join(e.Known, ", "))
}

// Get returns the mesh of that id, or an *UnknownError that lists those there are.
func (c Catalogue) Get(id string) (Mesh, error) {
	for _, m := range c.meshes {
		if m.ID == id && m.Support != SupportNamed {
			return m, nil
		}
	}
	return Mesh{}, &UnknownError{ID: id, Known: c.IDs()}
}
