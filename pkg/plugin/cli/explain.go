package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/meshbench/kubectl-meshbench/docs"
)

// newExplain prints what a finding means: the section of docs/findings.md.
func newExplain(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "explain [CODE]",
		Short: "Tell what a finding means, its usual cause, and what to do",
		Long: `Tell what a finding means, what usually causes it, and what to do about it.
Without a code, list all codes.`,
		Example: "  kubectl meshbench explain node-saturated",
		Args:    wants(cobra.MaximumNArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			codes, sections := findingSections()
			if len(args) == 0 {
				_, err := fmt.Fprintln(a.streams.Out, strings.Join(codes, "\n"))
				return err
			}
			section, known := sections[args[0]]
			if !known {
				return usagef("no finding has the code %q%s: 'kubectl meshbench explain' lists all",
					args[0], didYouMean(args[0], codes))
			}
			_, err := fmt.Fprintf(a.streams.Out, "%s\n\n%s\n", args[0], section)
			return err
		},
	}
	c.ValidArgsFunction = arguments(func(context.Context) []string { codes, _ := findingSections(); return codes }, 1)
	return c
}

// findingSections are the sections of the page by code, and the codes in its
// order.
func findingSections() (codes []string, sections map[string]string) {
	sections = map[string]string{}
	for _, part := range strings.Split(docs.Findings, "\n## ")[1:] {
		code, text, _ := strings.Cut(part, "\n")
		codes = append(codes, code)
		sections[code] = strings.TrimSpace(text)
	}
	return codes, sections
}
