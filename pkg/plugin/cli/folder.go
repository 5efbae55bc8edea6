package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/render"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// folderSink is a format that is written as several files, if text asks for one:
// figures=DIR always, csv=DIR where DIR is a directory or ends in a slash.
func folderSink(text string) (s sink[v1alpha1.Report], ok bool, err error) {
	name, dir, _ := strings.Cut(text, "=")
	folder, known := render.ParseFolder(name)
	_, isFile := render.ParseFormat(name)
	if !known || isFile == nil && !isFolder(dir) {
		return s, false, nil
	}
	if dir == "" {
		return s, true, usagef("-o %s: no directory is named", text)
	}
	// Now, so that a run of an hour does not end at a place that cannot be written.
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return s, true, fmt.Errorf("-o %s: %w", text, err)
	}
	s.write = func(_ io.Writer, r v1alpha1.Report, _ term.Style) error { return writeFolder(dir, folder, r) }
	return s, true, nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return path != "" && (err == nil && info.IsDir() || os.IsPathSeparator(path[len(path)-1]))
}

// writeFolder writes each file whole or not at all; what fails does not stop the
// others.
func writeFolder(dir string, folder render.Folder, r v1alpha1.Report) error {
	files, err := folder.Files(r)
	if err != nil {
		return err
	}
	var errs []error
	for _, f := range files {
		if err := writeWhole(filepath.Join(dir, f.Name), f.Write); err != nil {
			errs = append(errs, fmt.Errorf("write %s to %s: %w", folder.Name, dir, err))
		}
	}
	return errors.Join(errs...)
}

// writeWhole writes as -o FORMAT=FILE does.
func writeWhole(path string, write func(io.Writer) error) error {
	s := sink[struct{}]{path: path,
		write: func(out io.Writer, _ struct{}, _ term.Style) error { return write(out) }}
	if err := s.open(); err != nil {
		return err
	}
	o := output[struct{}]{sinks: []sink[struct{}]{s}}
	defer o.discard()
	return o.write(nil, struct{}{})
}
