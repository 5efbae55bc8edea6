package cli

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
)

// newBuiltins returns one command for each experiment that the plugin carries.
func newBuiltins(a *app, group string) ([]*cobra.Command, error) {
	docs, err := experiment.Builtin()
	if err != nil {
		return nil, err
	}
	var commands []*cobra.Command
	for _, d := range docs {
		name := d.Experiment.Metadata.Name
		flags := &runFlags{}
		c := &cobra.Command{
			Use:     name,
			GroupID: group,
			Short:   d.Experiment.Spec.Question,
			Example: fmt.Sprintf("  kubectl meshbench %[1]s\n"+
				"  kubectl meshbench %[1]s --profile quick --baseline plain --meshed with-mesh\n"+
				"  kubectl meshbench %[1]s --dry-run=client -o yaml", name),
			Args: wants(cobra.NoArgs),
			RunE: func(c *cobra.Command, _ []string) error {
				return a.run(c.Context(), flags, []v1alpha1.Experiment{d.Experiment})
			},
		}
		flags.add(c.Flags(), a.version, a.image())
		commands = append(commands, c)
	}
	return commands, nil
}

func newRun(a *app) *cobra.Command {
	flags := &runFlags{}
	var files []string
	var resumed string
	c := &cobra.Command{
		Use:   "run [NAME...] [-f FILE]...",
		Short: "Run experiments by name or from files",
		Long: "Run experiments by name or from files, in the order in which they are given, names first. " +
			"'-f -' reads standard input.",
		Example: `  kubectl meshbench run exp1 exp4
  kubectl meshbench list exp1 -o yaml > mine.yaml
  kubectl meshbench run -f mine.yaml
  kubectl meshbench run --resume 261124-153012-a1b2`,
		RunE: func(c *cobra.Command, names []string) error {
			if resumed != "" {
				if len(names)+len(files) > 0 {
					return usagef("--resume goes on with what was begun: give no experiments")
				}
				return a.resume(c.Context(), flags, resumed)
			}
			experiments, err := a.read(names, files)
			if err != nil {
				return err
			}
			return a.run(c.Context(), flags, experiments)
		},
	}
	c.Flags().StringArrayVarP(&files, "filename", "f", nil, "An Experiment document, or - for standard input")
	c.Flags().StringVar(&resumed, "resume", "", "Go on with this run, whose plugin died")
	flags.add(c.Flags(), a.version, a.image())
	return c
}

// read returns the experiments that a user named or wrote.
func (a *app) read(names, files []string) ([]v1alpha1.Experiment, error) {
	if len(names)+len(files) == 0 {
		return nil, usagef("no experiment: give a name (see 'kubectl meshbench list') or -f FILE")
	}
	var all []v1alpha1.Experiment
	for _, name := range names {
		e, err := experiment.Named(name)
		if err != nil {
			return nil, &usageError{err}
		}
		all = append(all, e)
	}
	for _, file := range files {
		e, err := a.readFile(file)
		if err != nil {
			return nil, &usageError{err}
		}
		all = append(all, e)
	}
	for i, e := range all {
		for _, other := range all[:i] {
			if e.Metadata.Name == other.Metadata.Name {
				return nil, usagef("experiment %s is given twice: change metadata.name in one of the documents", e.Metadata.Name)
			}
		}
	}
	return all, nil
}

func (a *app) readFile(path string) (v1alpha1.Experiment, error) {
	if path == "-" {
		return experiment.Read(a.streams.In, "standard input")
	}
	file, err := os.Open(path)
	if err != nil {
		return v1alpha1.Experiment{}, fmt.Errorf("read experiment: %w", err)
	}
	defer func() { _ = file.Close() }()
	return experiment.Read(file, path)
}
