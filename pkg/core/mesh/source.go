package mesh

import (
	"fmt"
	"slices"
	"strings"
)

// Source says where facts of a document come from.
type Source struct {
	// Fields are paths within spec, such as "enrol.namespace".
	Fields []string `json:"fields"`
	Status Status   `json:"status"`
	// From are files ("owner/repository[@tag]:path"), issues
	// ("owner/repository#number") or addresses of pages.
	From []string `json:"from,omitempty"`
	Note string   `json:"note,omitempty"`
}

// Status says how far a fact was checked.
type Status string

// The statuses.
const (
	// StatusVerified: the key string was found in the file by a program.
	StatusVerified Status = "verified"
	// StatusDocumented: it was read in the file, page or thread.
	StatusDocumented Status = "verified-doc"
	// StatusUnverified facts are not used.
	StatusUnverified Status = "unverified"
)

// sourced are the parts of a document that behaviour is built on: every field
// of them needs a source.
func sourced() []string {
	return []string{"lifecycle", "detect", "versions", "variants", "enrol", "pod", "costs", "address", "proof", "fairness",
		"avoid"}
}

// withoutUnverified takes the fields that nobody has verified out of a
// document's spec, and checks that sources and fields fit each other.
func withoutUnverified(spec map[string]any, sources []Source) (unverified []string, err error) {
	var covered []string
	for i, s := range sources {
		if len(s.Fields) == 0 {
			return nil, fmt.Errorf("spec.sources[%d]: names no fields", i)
		}
		for _, field := range s.Fields {
			if !slices.Contains(sourced(), head(field)) {
				return nil,
					fmt.Errorf("spec.sources[%d]: field %s needs no source: those below %s do", i, field,
						strings.Join(sourced(), ", "))
			}
			if _, ok := lookup(spec, field); !ok {
				return nil, fmt.Errorf("spec.sources[%d]: there is no field spec.%s", i, field)
			}
			covered = append(covered, field)
			if s.Status == StatusUnverified {
				unverified = append(unverified, field)
			}
		}
	}
	for _, part := range sourced() {
		value, ok := spec[part]
		if !ok {
			continue
		}
		fields := []string{part}
		if object, isObject := value.(map[string]any); isObject {
			fields = nil
			for key := range object {
				fields = append(fields, part+"."+key)
			}
			slices.Sort(fields)
		}
		for _, field := range fields {
			if !slices.ContainsFunc(covered, func(c string) bool {
				return c == part || c == field || strings.HasPrefix(c, field+".")
			}) {
				return nil, fmt.Errorf("spec.%s has no source in spec.sources", field)
			}
		}
	}
	for _, field := range unverified {
		remove(spec, field)
	}
	return unverified, nil
}

func head(field string) string {
	h, _, _ := strings.Cut(field, ".")
	return h
}

func lookup(tree map[string]any, field string) (any, bool) {
	key, rest, deeper := strings.Cut(field, ".")
	value, ok := tree[key]
	if !ok || !deeper {
		return value, ok
	}
	inner, isObject := value.(map[string]any)
	if !isObject {
		return nil, false
	}
	return lookup(inner, rest)
}

func remove(tree map[string]any, field string) {
	key, rest, deeper := strings.Cut(field, ".")
	if !deeper {
		delete(tree, key)
		return
	}
	if inner, ok := tree[key].(map[string]any); ok {
		remove(inner, rest)
	}
}
