package command

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/build"
)

// buildProgram compiles a program that is no part of a cluster the way those
// of a cluster are: once, into the same cache.
func buildProgram() *cobra.Command {
	var ldflags, pkg string
	c := &cobra.Command{
		Use:   "build-program DIR",
		Short: "Compile the module in a directory, unless the cache has it, and print the binary's path",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			dir, err := filepath.Abs(args[0])
			if err != nil {
				return err
			}
			b, err := build.ForUser(c.ErrOrStderr())
			if err != nil {
				return err
			}
			path, err := b.Binary(c.Context(), build.Program{Name: filepath.Base(dir), Dir: dir, Module: dir,
				Package: pkg, LDFlags: ldflags})
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), path)
			return err
		},
	}
	c.Flags().StringVar(&pkg, "package", "", "the main package, where it is a tool of the module and not in its directory")
	c.Flags().StringVar(&ldflags, "ldflags", "", "for the linker, e.g. a version")
	return c
}
