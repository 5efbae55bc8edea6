package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/render"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// outputFlags say in which formats a report is written, and where.
type outputFlags struct {
	wanted []string
	color  string
}

func (f *outputFlags) add(flags *pflag.FlagSet) {
	flags.StringArrayVarP(&f.wanted, "output", "o", []string{"table"},
		"FORMAT, or FORMAT=FILE, any number of times; formats: "+strings.Join(render.Formats(), ", ")+
			"; or name, jsonpath=TEMPLATE, go-template=TEMPLATE")
	flags.StringVar(&f.color, "color", "auto", "When to use colour: auto, always or never")
}

// output writes reports. Files are opened before a run begins, so that a run
// of an hour does not end at a missing directory, and appear whole or not at all.
type output struct {
	sinks []sink
	style term.Style
}

type sink struct {
	format render.Format
	part   partWriter // instead of a format
	path   string     // empty for standard output
	temp   *os.File
	// inPlace is set for devices and pipes, which must not be replaced.
	inPlace bool
}

func (f *outputFlags) open(stdout io.Writer) (*output, error) {
	mode, err := term.ParseColorMode(f.color)
	if err != nil {
		return nil, &usageError{err}
	}
	o := &output{}
	if file, ok := stdout.(*os.File); ok {
		o.style = term.Detect(file, mode, os.Getenv)
	}
	plain := 0
	for _, text := range f.wanted {
		part, ok, err := parsePart(text)
		if err != nil {
			o.discard()
			return nil, err
		}
		if ok {
			plain++
			o.sinks = append(o.sinks, sink{part: part})
			continue
		}
		name, path, toFile := strings.Cut(text, "=")
		format, err := render.ParseFormat(name)
		if err != nil {
			o.discard()
			return nil, &usageError{fmt.Errorf("-o %s: %w", text, err)}
		}
		s := sink{format: format, path: path}
		switch {
		case !toFile:
			plain++
		case path == "":
			o.discard()
			return nil, usagef("-o %s: no file is named", text)
		default:
			if err := s.open(); err != nil {
				o.discard()
				return nil, fmt.Errorf("-o %s: %w", text, err)
			}
		}
		o.sinks = append(o.sinks, s)
	}
	if plain > 1 {
		o.discard()
		return nil, usagef("only one format can go to standard output: write the others with -o FORMAT=FILE")
	}
	return o, nil
}

func (s *sink) open() error {
	info, err := os.Stat(s.path)
	if err == nil && info.IsDir() {
		return usagef("%s is a directory: name a file", s.path)
	}
	if err == nil && !info.Mode().IsRegular() {
		s.inPlace = true
		s.temp, err = os.OpenFile(s.path, os.O_WRONLY, 0)
		return err
	}
	s.temp, err = os.CreateTemp(filepath.Dir(s.path), "."+filepath.Base(s.path)+".*")
	return err
}

// write writes the report in every format; what fails does not stop the others.
func (o *output) write(stdout io.Writer, r v1alpha1.Report) error {
	var errs []error
	for i := range o.sinks {
		s := &o.sinks[i]
		if s.part != nil {
			errs = append(errs, s.part(stdout, r))
			continue
		}
		if s.temp == nil {
			errs = append(errs, render.Write(stdout, s.format, r, o.style))
			continue
		}
		errs = append(errs, s.toFile(r))
	}
	return errors.Join(errs...)
}

func (s *sink) toFile(r v1alpha1.Report) error {
	err := render.Write(s.temp, s.format, r, term.Style{})
	if !s.inPlace {
		err = errors.Join(err, s.temp.Chmod(0o644))
	}
	err = errors.Join(err, s.temp.Close())
	if err == nil && !s.inPlace {
		err = os.Rename(s.temp.Name(), s.path)
	}
	if err != nil {
		return fmt.Errorf("write report to %s: %w", s.path, err)
	}
	s.temp = nil
	return nil
}

// discard removes what write did not turn into a report.
func (o *output) discard() {
	for _, s := range o.sinks {
		if s.temp != nil {
			_ = s.temp.Close()
			if !s.inPlace {
				_ = os.Remove(s.temp.Name())
			}
		}
	}
}
