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
	out, err := openAnswer(&flags, a.streams.Out, render.Pools())
	if err != nil {
		return &usageError{fmt.Errorf("of several reports: %w", err)}
	}
	defer out.discard()
	reports, err := a.manyReports(ctx, args)
	if err != nil {
		return err
	}
	result := pool.Reports(reports)
	if len(result.Pooled) == 0 {
		return &inconclusiveError{"the reports have nothing in common: " + strings.Join(result.Warnings, "; ")}
	}
	return out.write(a.streams.Out, result)
}
