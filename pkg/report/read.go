// Package report reads reports that were stored, by this or another version.
package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"sigs.k8s.io/yaml"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// MaxBytes bounds a report: ten thousand trials fit.
const MaxBytes = 256 << 20

// Read reads a report: JSON or YAML, either of them compressed by gzip, or the page
// that embeds it; source names it in errors. It never
// trusts the document: what it returns has one baseline, unique names, and
// trials of known arms.
func Read(in io.Reader, source string) (v1alpha1.Report, error) {
	data, err := io.ReadAll(io.LimitReader(in, MaxBytes+1))
	if err != nil {
		return v1alpha1.Report{}, fmt.Errorf("read report %s: %w", source, err)
	}
	if len(data) > MaxBytes {
		return v1alpha1.Report{}, fmt.Errorf("report %s: larger than %d bytes, which no report is", source, MaxBytes)
	}
	r, err := Parse(data)
	if err != nil {
		return v1alpha1.Report{}, fmt.Errorf("report %s: %w", source, err)
	}
	return r, nil
}

// Parse is Read for data at hand.
func Parse(data []byte) (v1alpha1.Report, error) {
	data, err := unwrapped(data)
	if err != nil {
		return v1alpha1.Report{}, err
	}
	if trimmed := bytes.TrimSpace(data); len(trimmed) == 0 {
		return v1alpha1.Report{}, errors.New("is empty")
	} else if trimmed[0] != '{' {
		converted, err := yaml.YAMLToJSON(data)
		if err != nil {
			return v1alpha1.Report{}, fmt.Errorf("neither JSON nor YAML: %w", err)
		}
		data = converted
	}
	var header struct{ APIVersion, Kind string }
	if err := decode(data, &header); err != nil {
		return v1alpha1.Report{}, err
	}
	if header.Kind != v1alpha1.KindReport {
		return v1alpha1.Report{}, fmt.Errorf("kind is %.40q, want %q", header.Kind, v1alpha1.KindReport)
	}
	if header.APIVersion != v1alpha1.APIVersion {
		return v1alpha1.Report{},
			fmt.Errorf("apiVersion is %.60q, this plugin reads %q: use the plugin that wrote it", header.APIVersion,
				v1alpha1.APIVersion)
	}
	var r v1alpha1.Report
	if err := decode(data, &r); err != nil {
		return v1alpha1.Report{}, err
	}
	return r, check(r)
}

// decode says where a document ends or is wrong.
func decode(data []byte, into any) error {
	err := json.Unmarshal(data, into)
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &syntax):
		line := 1 + bytes.Count(data[:min(int(syntax.Offset), len(data))], []byte("\n"))
		return fmt.Errorf("line %d, byte %d of %d: %w", line, syntax.Offset, len(data), err)
	case errors.As(err, &kind):
		return fmt.Errorf("%s is a %s, which does not belong there", kind.Field, kind.Value)
	default:
		return err
	}
}

func check(r v1alpha1.Report) error {
	arms := map[string]bool{}
	baselines := 0
	for i, a := range r.Arms {
		if a.Name == "" || arms[a.Name] {
			return fmt.Errorf("arms[%d]: name %.40q is empty or there twice", i, a.Name)
		}
		arms[a.Name] = true
		if a.Role == v1alpha1.RoleBaseline {
			baselines++
		}
	}
	if baselines == 0 {
		return errors.New("no arm is the baseline")
	}
	for i, t := range r.Trials {
		if !arms[t.Arm] {
			return fmt.Errorf("trials[%d]: there is no arm %.40q", i, t.Arm)
		}
	}
	for i, c := range r.Cells {
		if !arms[c.Arm] {
			return fmt.Errorf("cells[%d]: there is no arm %.40q", i, c.Arm)
		}
	}
	for i, c := range r.Comparisons {
		if !arms[c.Arm] {
			return fmt.Errorf("comparisons[%d]: there is no arm %.40q", i, c.Arm)
		}
	}
	return checkSearches(r.Searches, arms)
}

func checkSearches(searches []v1alpha1.SearchResult, arms map[string]bool) error {
	for i, s := range searches {
		if !arms[s.Arm] {
			return fmt.Errorf("searches[%d]: there is no arm %.40q", i, s.Arm)
		}
		if s.Conclusive && (s.HoldsAt == nil || s.FailsAt == nil) {
			return fmt.Errorf("searches[%d]: is conclusive without both ends", i)
		}
	}
	return nil
}
