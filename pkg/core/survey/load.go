package survey

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/meshbench/kubectl-meshbench/manifests"
	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// System is one row of every table, read and checked.
type System struct {
	ID, Title, Note string
	Role            Role
	// Thesis is nil for systems that the thesis does not name.
	Thesis  *Thesis
	entries map[string]map[string]Entry
}

// Entry is a cell with what it means.
type Entry struct {
	// Then is nil where the thesis has no such cell, Now where nobody has
	// checked it since.
	Then, Now *Value
	// AsOf is the day of the oldest source that the cell rests on.
	AsOf    string
	Status  Status
	Sources []Source
	Says    string
	Note    string
}

// Survey is all systems, the thesis' in its order and newer ones after them.
type Survey struct{ systems []System }

// Builtin is the survey that meshbench ships.
func Builtin() (Survey, error) {
	shipped, err := fs.Sub(manifests.Files, "survey")
	if err != nil {
		return Survey{}, fmt.Errorf("survey: %w", err)
	}
	return Load(shipped)
}

// Load reads every *.yaml in the root of a file system; each holds one system
// and is named after it. All errors are reported at once.
func Load(source fs.FS) (Survey, error) {
	names, err := fs.Glob(source, "*.yaml")
	if err != nil {
		return Survey{}, fmt.Errorf("survey: %w", err)
	}
	var s Survey
	var errs []error
	for _, name := range names {
		data, err := fs.ReadFile(source, name)
		if err != nil {
			return Survey{}, fmt.Errorf("survey: %w", err)
		}
		system, err := Parse(data)
		if err == nil && system.ID+".yaml" != name {
			err = fmt.Errorf("metadata.name is %q, want the name of the file", system.ID)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("survey document %s: %w", name, err))
		}
		s.systems = append(s.systems, system)
	}
	slices.SortStableFunc(s.systems, func(a, b System) int {
		return cmp.Or(cmp.Compare(order(a), order(b)), strings.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title)))
	})
	return s, errors.Join(errs...)
}

// order is that of the thesis: its numbers, then newer meshes, then what is
// made of them, then what the thesis left out.
func order(s System) int {
	const last = 1000
	if s.Thesis != nil {
		if n, err := strconv.Atoi(strings.TrimPrefix(s.Thesis.ID, "SM")); err == nil {
			return n
		}
	}
	return last + slices.Index([]Role{RoleMesh, RoleDerived, RoleAddition, RoleExcluded}, s.Role)
}

// Systems are all of them.
func (s Survey) Systems() []System { return slices.Clone(s.systems) }

// System finds one by its id.
func (s Survey) System(id string) (System, bool) {
	i := slices.IndexFunc(s.systems, func(x System) bool { return x.ID == id })
	if i < 0 {
		return System{}, false
	}
	return s.systems[i], true
}

// Parse reads one document strictly.
func Parse(data []byte) (System, error) {
	asJSON, err := yaml.YAMLToJSONStrict(data)
	if err != nil {
		return System{}, fmt.Errorf("not a YAML or JSON object: %w", err)
	}
	var d Document
	decoder := json.NewDecoder(bytes.NewReader(asJSON))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		return System{}, err
	}
	if d.Kind != Kind || d.APIVersion != v1alpha1.APIVersion {
		return System{}, fmt.Errorf("is a %s of %q, want a %s of %q", d.Kind, d.APIVersion, Kind, v1alpha1.APIVersion)
	}
	s := System{ID: d.Metadata.Name, Title: d.Spec.Title, Role: d.Spec.Role, Thesis: d.Spec.Thesis, Note: d.Spec.Note,
		entries: map[string]map[string]Entry{}}
	var errs []error
	if !slices.Contains([]Role{RoleMesh, RoleDerived, RoleAddition, RoleExcluded}, s.Role) {
		errs = append(errs, fmt.Errorf("spec.role %q: want mesh, derived, addition or excluded", s.Role))
	}
	used := map[string]bool{}
	for _, table := range slices.Sorted(maps.Keys(d.Spec.Tables)) {
		s.entries[table] = map[string]Entry{}
		for _, id := range slices.Sorted(maps.Keys(d.Spec.Tables[table])) {
			cell := d.Spec.Tables[table][id]
			e, err := entry(cell, table, id, d.Spec)
			if err != nil {
				errs = append(errs, fmt.Errorf("spec.tables.%s.%s: %w", table, id, err))
			}
			for _, name := range cell.From {
				used[name] = true
			}
			s.entries[table][id] = e
		}
	}
	for name, source := range d.Spec.Sources {
		switch {
		case !used[name]:
			errs = append(errs, fmt.Errorf("spec.sources.%s: no cell uses it", name))
		case source.At == "" || !isDate(source.Date):
			errs = append(errs, fmt.Errorf("spec.sources.%s: wants at, and date as YYYY-MM-DD", name))
		}
	}
	return s, errors.Join(errs...)
}

func entry(c Cell, table, id string, spec Spec) (Entry, error) {
	i := slices.IndexFunc(layouts(), func(l layout) bool { return l.id == table })
	if i < 0 {
		return Entry{}, errors.New("there is no such table")
	}
	columns := layouts()[i].columns
	j := slices.IndexFunc(columns, func(c column) bool { return c.id == id })
	if j < 0 {
		return Entry{}, errors.New("there is no such column")
	}
	col := columns[j]
	e := Entry{Status: c.Status, Says: c.Says, Note: c.Note}
	if c.In2022 != "" {
		if spec.Thesis == nil || col.added {
			return e, errors.New("in2022 is set, but the thesis has no such cell")
		}
		v, err := printed(col.kind, c.In2022)
		if err != nil {
			return e, fmt.Errorf("in2022: %w", err)
		}
		e.Then = &v
	}
	if c.Now == "" {
		if c.Status != "" || len(c.From) > 0 || c.Says != "" {
			return e, errors.New("status, from and says need a value in now")
		}
		e.Status = StatusUnverified
		return e, nil
	}
	if col.derived {
		return e, errors.New("now is set, but the column is computed from other tables")
	}
	v, err := current(col.kind, c.Now)
	if err != nil {
		return e, fmt.Errorf("now: %w", err)
	}
	e.Now = &v
	if c.Status != StatusVerified && c.Status != StatusDocumented {
		return e, fmt.Errorf("status is %q: a value in now is %s or %s", c.Status, StatusVerified, StatusDocumented)
	}
	if len(c.From) == 0 {
		return e, errors.New("now is set without a source in from")
	}
	for _, name := range c.From {
		source, ok := spec.Sources[name]
		if !ok {
			return e, fmt.Errorf("from: there is no spec.sources.%s", name)
		}
		e.Sources = append(e.Sources, source)
		if e.AsOf == "" || source.Date < e.AsOf {
			e.AsOf = source.Date
		}
	}
	return e, nil
}
