package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/cli-runtime/pkg/printers"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/effect"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// Output that asks for a part of the report, as kubectl's -o does. It goes to
// standard output only: what follows the = is the template.
const (
	outputName       = "name"
	outputJSONPath   = "jsonpath"
	outputGoTemplate = "go-template"
)

// partWriter writes a part of a report.
type partWriter func(io.Writer, v1alpha1.Report) error

// parsePart reads -o name, jsonpath=TEMPLATE and go-template=TEMPLATE; ok is
// false for any other text.
func parsePart(text string) (write partWriter, ok bool, err error) {
	format, template, has := strings.Cut(text, "=")
	switch format {
	case outputName:
		if has {
			return nil, true, usagef("-o %s: a name goes to standard output", text)
		}
		return func(out io.Writer, r v1alpha1.Report) error {
			_, err := fmt.Fprintf(out, "report.%s/%s\n", v1alpha1.Group, term.Clean(r.Metadata.Name))
			return err
		}, true, nil
	case outputJSONPath, outputGoTemplate:
		if template == "" {
			return nil, true, usagef("-o %s: there is no template, as in -o %s", text, map[string]string{
				outputJSONPath: "jsonpath='{.run.id}'", outputGoTemplate: "go-template='{{.run.id}}'",
			}[format])
		}
		write, err := parseTemplate(format, template)
		if err != nil {
			return nil, true, &usageError{fmt.Errorf("-o %s: %w", text, err)}
		}
		return write, true, nil
	default:
		return nil, false, nil
	}
}

func parseTemplate(format, template string) (partWriter, error) {
	if format == outputGoTemplate {
		p, err := printers.NewGoTemplatePrinter([]byte(template))
		if err != nil {
			return nil, err
		}
		return func(out io.Writer, r v1alpha1.Report) error {
			object, err := generic(r)
			if err != nil {
				return err
			}
			// On an error the printer would print the whole report.
			var text bytes.Buffer
			if err := p.PrintObj(&unstructured.Unstructured{Object: object}, &text); err != nil {
				return err
			}
			_, err = io.WriteString(out, term.CleanLines(text.String()))
			return err
		}, nil
	}
	p, err := printers.NewJSONPathPrinter(template)
	if err != nil {
		return nil, err
	}
	return func(out io.Writer, r v1alpha1.Report) error {
		object, err := generic(r)
		if err != nil {
			return err
		}
		// Not PrintObj, whose errors hold the whole report.
		var text bytes.Buffer
		if err := p.Execute(&text, object); err != nil {
			return fmt.Errorf("-o jsonpath=%s: %w", template, err)
		}
		_, err = io.WriteString(out, term.CleanLines(text.String()))
		return err
	}, nil
}

// generic is a report by the names of its JSON.
func generic(r v1alpha1.Report) (map[string]any, error) {
	r.Effects = effect.Of(r)
	data, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("report as JSON: %w", err)
	}
	var object map[string]any
	return object, json.Unmarshal(data, &object)
}
