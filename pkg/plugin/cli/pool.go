package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/core/pool"
	"github.com/meshbench/kubectl-meshbench/pkg/render"
)

// pool writes several reports of one experiment as one.
func (a *app) pool(ctx context.Context, args []string, flags outputFlags, slos []string) error {
	if len(slos) > 0 {
		return usagef("--slo holds one report to an objective: give one")
	}
	if len(flags.wanted) != 1 {
		return usagef("several reports are written in one format: one of %s", strings.Join(render.Pools().Names(), ", "))
	}
	format, err := render.Pools().Parse(flags.wanted[0])
	if err != nil {
		return &usageError{fmt.Errorf("-o: of several reports: %w", err)}
	}
	style, err := a.style(flags.color)
	if err != nil {
		return err
	}
	reports, err := a.manyReports(ctx, args)
	if err != nil {
		return err
	}
	result := pool.Reports(reports)
	if len(result.Pooled) == 0 {
		return &inconclusiveError{"the reports have nothing in common: " + strings.Join(result.Warnings, "; ")}
	}
	return format.Write(a.streams.Out, result, style)
}
