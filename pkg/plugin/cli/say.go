package cli

import (
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/meshbench/kubectl-meshbench/pkg/core/command"
)

// say writes commands for the cluster and the user of this one.
func (a *app) say() command.Lines {
	var given []command.Flag
	a.kubeFlags.VisitAll(func(f *pflag.Flag) {
		if !f.Changed {
			return
		}
		values := []string{f.Value.String()}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		for _, v := range values {
			given = append(given, command.Flag{Name: f.Name, Value: v})
		}
	})
	return command.New(given...)
}

// cleanupLines are the commands that remove a run, each on a line of its own.
func (a *app) cleanupLines(run string, contexts []string) string {
	lines := "\n  " + a.say().Plugin("", "cleanup", "--run", run)
	for _, c := range contexts {
		lines += "\n  " + a.say().Plugin(c, "cleanup", "--run", run)
	}
	return lines
}

// habit is a flag of kubectl that says nothing here.
type habit struct{}

func (habit) String() string { return "" }
func (habit) Type() string   { return "string" }
func (habit) Set(string) error {
	return errors.New("runs name namespaces with --baseline and --meshed, cleanup with --namespaces; " +
		"without them all annotated ones take part")
}

// refuseNamespace tells those who type -n by habit how namespaces are named here.
func refuseNamespace(root *cobra.Command) {
	root.PersistentFlags().VarP(habit{}, "namespace", "n", "")
	root.PersistentFlags().Lookup("namespace").Hidden = true
}
