package command

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/cluster"
	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/host"
	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/layout"
)

// bench prints how long a cluster takes to come and to go.
func bench() *cobra.Command {
	var times, nodes int
	c := &cobra.Command{
		Use: "bench", Short: "Measure up and down, after one run that builds what is missing", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := host.Require(); err != nil {
				return err
			}
			source, err := source()
			if err != nil {
				return err
			}
			const name = "bench"
			for i := 0; i <= times; i++ {
				begun := time.Now()
				_, err := cluster.Up(c.Context(), layout.Layout{Name: name, Nodes: nodes}, source, io.Discard)
				up := time.Since(begun)
				begun = time.Now()
				if downErr := cluster.Down(c.Context(), name); err == nil {
					err = downErr
				}
				if err != nil {
					return err
				}
				if i > 0 {
					_, _ = fmt.Fprintf(c.OutOrStdout(), "%d nodes: up %.1f s, down %.1f s\n", nodes, up.Seconds(),
						time.Since(begun).Seconds())
				}
			}
			return nil
		},
	}
	c.Flags().IntVar(&times, "times", 3, "repetitions")
	c.Flags().IntVar(&nodes, "nodes", 2, "number of nodes")
	return c
}
