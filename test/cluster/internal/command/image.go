package command

import (
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/image"
)

func buildImage() *cobra.Command {
	var (
		out             string
		binaries, files []string
		withLibs        bool
		spec            image.Spec
	)
	c := &cobra.Command{
		Use: "build-image", Short: "Write a container image without a container engine", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			for _, binary := range binaries {
				program := split(binary)
				program.Executable = true
				spec.Files = append(spec.Files, program)
				if withLibs {
					libraries, err := image.Libraries(c.Context(), program.Source)
					if err != nil {
						return err
					}
					spec.Files = append(spec.Files, libraries...)
				}
			}
			for _, f := range files {
				spec.Files = append(spec.Files, split(f))
			}
			if len(spec.Entrypoint) == 0 {
				spec.Entrypoint = []string{split(binaries[0]).Path}
			}
			file, err := os.Create(out)
			if err != nil {
				return fmt.Errorf("write image: %w", err)
			}
			defer func() { _ = file.Close() }()
			if err := image.Write(file, spec); err != nil {
				return err
			}
			return file.Close()
		},
	}
	flags := c.Flags()
	flags.StringVar(&out, "out", "", "archive to write")
	flags.StringVar(&spec.Name, "name", "", "the image's name; a persistent flag of the tool, which means the image here")
	flags.StringArrayVar(&binaries, "binary", nil,
		"program, as PATH or PATH:PATH-IN-IMAGE; the first is the entrypoint, unless there is another")
	flags.BoolVar(&withLibs, "with-libs", false, "add the shared libraries that the programs load")
	flags.StringArrayVar(&files, "file", nil, "another file, as PATH:PATH-IN-IMAGE")
	flags.StringVar(&spec.User, "user", "65532", "user it runs as")
	flags.StringSliceVar(&spec.Entrypoint, "entrypoint", nil, "the program and its first arguments")
	flags.StringSliceVar(&spec.Command, "cmd", nil, "arguments that a pod may replace")
	flags.StringToStringVar(&spec.Labels, "label", nil, "KEY=VALUE")
	flags.StringVar(&spec.Architecture, "arch", runtime.GOARCH, "processor architecture")
	for _, required := range []string{"out", "name", "binary"} {
		_ = c.MarkFlagRequired(required) // the flags are defined right above
	}
	return c
}

func split(text string) image.File {
	source, path, ok := strings.Cut(text, ":")
	if !ok {
		path = source
	}
	return image.File{Source: source, Path: path}
}
