package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
)

// printPlan prints what a run would create and how long it would take.
func (a *app) printPlan(f *runFlags, p plan.Plan) error {
	if len(f.output.wanted) != 1 {
		return usagef("--dry-run writes one format to standard output: give -o once")
	}
	objects, err := p.AllObjects()
	if err != nil {
		return err
	}
	trials := fmt.Sprintf("%d trials", p.Total())
	if len(p.Searches) > 0 {
		trials = "about " + trials + ", of which a search shows its first step only"
	}
	summary := fmt.Sprintf("run of %s: about %s, %.0f pod-seconds, %d objects, seed %d",
		trials, p.Duration().Round(time.Second), p.PodSeconds(), len(objects), p.Seed)
	switch format := f.output.wanted[0]; format {
	case "yaml":
		return printYAML(a.streams.Out, summary, objects)
	case "json":
		_, _ = fmt.Fprintln(a.streams.ErrOut, summary)
		return printJSON(a.streams.Out, objects)
	case "table", "wide":
		return printSummary(a.streams.Out, summary, p)
	default:
		return usagef("-o %s: --dry-run prints table, yaml or json", format)
	}
}

// printYAML prints a stream that kubectl reads as it is.
func printYAML(out io.Writer, summary string, objects []any) error {
	if _, err := fmt.Fprintf(out, "# %s\n", summary); err != nil {
		return err
	}
	for _, o := range objects {
		data, err := yaml.Marshal(o)
		if err != nil {
			return fmt.Errorf("print plan: %w", err)
		}
		if _, err := fmt.Fprintf(out, "---\n%s", data); err != nil {
			return err
		}
	}
	return nil
}

func printJSON(out io.Writer, objects []any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(map[string]any{"apiVersion": "v1", "kind": "List", "items": objects})
}

func printSummary(out io.Writer, summary string, p plan.Plan) error {
	if _, err := fmt.Fprintln(out, summary); err != nil {
		return err
	}
	for _, arm := range p.Arms {
		in := ""
		if arm.Context != "" {
			in = ", context " + arm.Context
		}
		if _, err := fmt.Fprintf(out, "arm %s: %s, namespace %s%s\n", arm.Name, arm.Role, arm.Namespace, in); err != nil {
			return err
		}
	}
	for i, t := range p.Planned() {
		if _, err := fmt.Fprintf(out, "%4d  %s\n", i+1, t.ID(1)); err != nil {
			return err
		}
	}
	return nil
}
