package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

func newVersion(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the plugin's version and the worker image it uses",
		Args:  wants(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(a.streams.Out, "kubectl-meshbench %s\nworker image %s:%s\nframe version %d\n", a.version,
				workerImage, a.version, wire.Version)
			return err
		},
	}
}

// newImages names every image that ever runs in a cluster, for those who copy
// images to a registry of their own.
func newImages(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "images",
		Short: "Print the images that runs use",
		Args:  wants(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(a.streams.Out, "%s:%s\n", workerImage, a.version)
			return err
		},
	}
}
