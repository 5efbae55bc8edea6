package cli

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/meshbench/kubectl-meshbench/pkg/core/foreign"
	"github.com/meshbench/kubectl-meshbench/pkg/render"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
)

func newImport(a *app) *cobra.Command {
	var output outputFlags
	c := &cobra.Command{
		Use:   "import FILE...",
		Short: "Set results of fortio side by side",
		Long: `Set results of fortio side by side: fortio's own JSON, one result or an array. They
are tabled as what they are: nothing is paired, nothing is known of the mesh in the
path, and a single result has no interval.`,
		Example: `  kubectl meshbench import baseline.json istio.json linkerd.json
  fortio load -json - http://echo | kubectl meshbench import -`,
		Args: wants(cobra.MinimumNArgs(1)),
		RunE: func(_ *cobra.Command, files []string) error {
			out, err := openAnswer(&output, a.streams.Out, render.Foreign())
			if err != nil {
				return err
			}
			defer out.discard()
			var all []foreign.Result
			for _, name := range files {
				data, err := a.readForeign(name)
				if err != nil {
					return err
				}
				results, err := foreign.Fortio(data, name)
				if err != nil {
					return &usageError{err}
				}
				all = append(all, results...)
			}
			if len(all) == 0 {
				return usagef("there is no result in %s", strings.Join(files, ", "))
			}
			return out.write(a.streams.Out, all)
		},
	}
	output.addFormats(c.Flags(), "", render.Foreign().Names())
	return c
}

// readForeign reads a file that no report is larger than.
func (a *app) readForeign(name string) ([]byte, error) {
	in := a.streams.In
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, usagef("read %s: %w", name, err)
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	data, err := io.ReadAll(io.LimitReader(in, report.MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(data) > report.MaxBytes {
		return nil, usagef("%s is larger than %d bytes, which no result is", name, report.MaxBytes)
	}
	return data, nil
}
