package render

import (
	"fmt"
	"io"
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/render/data"
	"github.com/meshbench/kubectl-meshbench/pkg/render/page"
)

// File is one file of a report that is written as several.
type File struct {
	Name  string
	Write func(io.Writer) error
}

// Folder is a way to write a report as several files.
type Folder struct {
	Name  string
	files func(v1alpha1.Report) ([]File, error)
}

func folders() []Folder {
	return []Folder{{"csv", tables}, {"figures", drawings}}
}

// ParseFolder returns the folder of that name.
func ParseFolder(name string) (Folder, bool) {
	all := folders()
	if i := slices.IndexFunc(all, func(f Folder) bool { return f.Name == name }); i >= 0 {
		return all[i], true
	}
	return Folder{}, false
}

// Files are those of a report; no two have one name.
func (f Folder) Files(r v1alpha1.Report) ([]File, error) {
	all, err := f.files(r)
	if err != nil {
		return nil, fmt.Errorf("write report as %s: %w", f.Name, err)
	}
	seen := map[string]int{}
	for i, one := range all {
		if seen[one.Name]++; seen[one.Name] > 1 { // two names may differ in what a file's cannot hold
			all[i].Name = fmt.Sprintf("%d-%s", seen[one.Name], one.Name)
		}
	}
	return all, nil
}

func tables(r v1alpha1.Report) ([]File, error) {
	var out []File
	for _, t := range data.Tables(r) {
		out = append(out, File(t))
	}
	return out, nil
}

func drawings(r v1alpha1.Report) ([]File, error) {
	all, err := page.Drawings(r)
	if err != nil {
		return nil, err
	}
	var out []File
	for _, d := range all {
		out = append(out, File(d))
	}
	return out, nil
}
