package cli

import (
	"cmp"
	"crypto/rand"
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
	f.addFormats(flags, "; or name, jsonpath=TEMPLATE, go-template=TEMPLATE; csv=DIR/, figures=DIR are several files",
		render.Formats())
	_ = flags.SetAnnotation("output", annotationFormats,
		append(render.Formats(), outputName, outputJSONPath+"=", outputGoTemplate+"="))
}

// addFormats adds the flags for documents that have these formats.
func (f *outputFlags) addFormats(flags *pflag.FlagSet, more string, formats []string) {
	f.addPlain(flags, more, formats)
	flags.StringVar(&f.color, "color", "auto", "When to use colour: auto, always or never")
}

// addPlain adds the flag for documents that never have colour.
func (f *outputFlags) addPlain(flags *pflag.FlagSet, more string, formats []string) {
	flags.StringArrayVarP(&f.wanted, "output", "o", []string{"table"},
		"FORMAT, or FORMAT=FILE, any number of times; formats: "+strings.Join(formats, ", ")+more)
	_ = flags.SetAnnotation("output", annotationFormats, formats) // the flag is there
}

// annotationFormats is where the flag -o keeps the formats it takes, for completion.
const annotationFormats = "formats"

// writer writes a document of type T.
type writer[T any] func(io.Writer, T, term.Style) error

// output writes documents. Files are opened before a run begins, so that a run
// of an hour does not end at a missing directory, and appear whole or not at all.
type output[T any] struct {
	sinks []sink[T]
	style term.Style
}

type sink[T any] struct {
	format string
	write  writer[T]
	path   string // empty for standard output
	temp   *os.File
	// inPlace is set for devices and pipes, which must not be replaced.
	inPlace bool
}

// open opens what a report is written to.
func (f *outputFlags) open(stdout io.Writer) (*output[v1alpha1.Report], error) {
	var inFolders []sink[v1alpha1.Report]
	single := outputFlags{color: f.color}
	for _, text := range f.wanted {
		s, ok, err := folderSink(text)
		switch {
		case err != nil:
			return nil, err
		case ok:
			inFolders = append(inFolders, s)
		default:
			single.wanted = append(single.wanted, text)
		}
	}
	o, err := openOutput(&single, stdout, func(text string) (writer[v1alpha1.Report], bool, error) {
		part, ok, err := parsePart(text)
		if ok || err != nil {
			return func(out io.Writer, r v1alpha1.Report, _ term.Style) error { return part(out, r) }, true, err
		}
		name, _, _ := strings.Cut(text, "=")
		format, err := render.ParseFormat(name)
		return func(out io.Writer, r v1alpha1.Report, style term.Style) error {
			return render.Write(out, format, r, style)
		}, false, err
	})
	if err == nil {
		o.sinks = append(o.sinks, inFolders...)
	}
	return o, err
}

// openAnswer opens what any document but a report is written to.
func openAnswer[T any](f *outputFlags, stdout io.Writer, formats render.AnswerFormats[T]) (*output[T], error) {
	return openOutput(f, stdout, func(text string) (writer[T], bool, error) {
		name, _, _ := strings.Cut(text, "=")
		format, err := formats.Parse(name)
		return format.Write, false, err
	})
}

// openOutput opens what was asked for; parse says how a text of -o is written, and
// whether it is one that goes to standard output whatever follows a =.
func openOutput[T any](f *outputFlags, stdout io.Writer,
	parse func(text string) (write writer[T], whole bool, err error)) (*output[T], error) {
	mode, err := term.ParseColorMode(cmp.Or(f.color, string(term.ColorAuto)))
	if err != nil {
		return nil, &usageError{err}
	}
	o := &output[T]{style: term.Detect(stdout, mode, os.Getenv)}
	plain := 0
	for _, text := range f.wanted {
		write, whole, err := parse(text)
		var usage *usageError
		if errors.As(err, &usage) {
			o.discard()
			return nil, err
		}
		if err != nil {
			o.discard()
			return nil, &usageError{fmt.Errorf("-o %s: %w", text, err)}
		}
		name, path, toFile := strings.Cut(text, "=")
		s := sink[T]{format: name, write: write}
		switch {
		case whole || !toFile:
			plain++
		case path == "":
			o.discard()
			return nil, usagef("-o %s: no file is named", text)
		default:
			s.path = path
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

func (s *sink[T]) open() error {
	info, err := os.Stat(s.path)
	if err == nil && info.IsDir() {
		return usagef("%s is a directory: name a file", s.path)
	}
	if err == nil && !info.Mode().IsRegular() {
		s.inPlace = true
		s.temp, err = os.OpenFile(s.path, os.O_WRONLY, 0)
		return err
	}
	// Not os.CreateTemp, whose files are for their owner alone: who may read a
	// report is for the umask to say, or for the file that is there.
	name := filepath.Join(filepath.Dir(s.path), "."+filepath.Base(s.path)+"."+rand.Text()[:tempDigits])
	if s.temp, err = os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666); err != nil {
		return err
	}
	if info != nil {
		return s.temp.Chmod(info.Mode().Perm())
	}
	return nil
}

// tempDigits make the name of a file that is being written one that nobody has.
const tempDigits = 10

// plain is the format that goes to standard output; empty if none does.
func (o *output[T]) plain() string {
	for _, s := range o.sinks {
		if s.temp == nil && s.path == "" {
			return s.format
		}
	}
	return ""
}

// write writes the document in every format; what fails does not stop the others.
func (o *output[T]) write(stdout io.Writer, document T) error {
	var errs []error
	for i := range o.sinks {
		s := &o.sinks[i]
		if s.temp == nil {
			errs = append(errs, s.write(stdout, document, o.style))
			continue
		}
		errs = append(errs, s.toFile(document))
	}
	return errors.Join(errs...)
}

func (s *sink[T]) toFile(document T) error {
	err := s.write(s.temp, document, term.Style{})
	err = errors.Join(err, s.temp.Close())
	if err == nil && !s.inPlace {
		err = os.Rename(s.temp.Name(), s.path)
	}
	if err != nil {
		return fmt.Errorf("write to %s: %w", s.path, err)
	}
	s.temp = nil
	return nil
}

// discard removes what write did not turn into a document.
func (o *output[T]) discard() {
	for _, s := range o.sinks {
		if s.temp != nil {
			_ = s.temp.Close()
			if !s.inPlace {
				_ = os.Remove(s.temp.Name())
			}
		}
	}
}
