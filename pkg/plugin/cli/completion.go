package cli

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/mesh"
)

const (
	// completer is the name under which kubectl looks for a program that
	// completes this plugin's arguments.
	completer = "kubectl_complete-meshbench"
	// lookupLimit bounds a lookup while a user waits at the Tab key.
	lookupLimit = 3 * time.Second
)

const completerScript = `#!/usr/bin/env sh
# Completes 'kubectl meshbench'. Put this file on your PATH, executable, as
# ` + completer + `.
kubectl meshbench ` + cobra.ShellCompRequestCmd + ` "$@"
`

// Args are the arguments of a process: under the name that kubectl looks for,
// the program completes.
func Args(argv []string) []string {
	if len(argv) == 0 {
		return nil
	}
	if strings.TrimSuffix(filepath.Base(argv[0]), ".exe") == completer {
		return append([]string{cobra.ShellCompRequestCmd}, argv[1:]...)
	}
	return argv[1:]
}

// addCompletion adds what cobra cannot know: the script for kubectl, and the
// values of arguments and flags.
func (a *app) addCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() == "completion" {
			c.AddCommand(newKubectlCompletion(a))
		}
	}
	a.complete(root.PersistentFlags(), root, "context", a.contextNames)
	for _, c := range root.Commands() {
		a.completeFlags(c)
	}
}

func newKubectlCompletion(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "kubectl",
		Short: "Print the program that kubectl runs to complete this plugin",
		Long: `Print the program that kubectl runs to complete this plugin. kubectl's own
completion must be set up. A link of that name to the plugin itself does the same.`,
		Example: "  kubectl meshbench completion kubectl > ~/bin/" + completer + " && chmod +x ~/bin/" + completer,
		Args:    wants(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprint(a.streams.Out, completerScript)
			return err
		},
	}
}

// lookup finds the values that may follow. What it cannot find out, it leaves
// out: nothing but values may reach standard output.
type lookup func(ctx context.Context) []string

// completeFlags gives the flags of a command their values, by their names.
func (a *app) completeFlags(c *cobra.Command) {
	var output []string
	if f := c.Flags().Lookup("output"); f != nil {
		output = f.Annotations[annotationFormats]
	}
	for name, values := range map[string]lookup{
		"output": fixed(output...), "color": fixed("auto", "always", "never"),
		"profile": fixed(string(v1alpha1.ProfileQuick), string(v1alpha1.ProfileStandard),
			string(v1alpha1.ProfileThesis)),
		"placement":         fixed(string(v1alpha1.PlacementCrossNode), string(v1alpha1.PlacementSameNode)),
		"image-pull-policy": fixed("Always", "IfNotPresent", "Never"),
		"baseline":          a.annotated(v1alpha1.RoleBaseline), "meshed": a.annotated(v1alpha1.RoleMeshed),
		"namespaces": a.annotated(""),
		"load-node":  a.nodeNames, "target-node": a.nodeNames,
		"resources": fixed(sourcesAuto, sourcesAll, sourcesNone), "inconclusive": fixed(inconclusiveFail, inconclusivePass),
		"mesh": meshIDs, "resume": a.runIDs(false), "run": a.runIDs(true),
	} {
		a.complete(c.Flags(), c, name, values)
	}
	if c.Flags().Lookup("set") != nil {
		_ = c.RegisterFlagCompletionFunc("set", setPaths)
	}
	switch c.Name() {
	case "runs":
		for _, sub := range c.Commands() {
			sub.ValidArgsFunction = arguments(a.runIDs(true), -1)
		}
	case "survey":
		c.ValidArgsFunction = arguments(surveyNames, -1)
		a.complete(c.Flags(), c, "as-of", fixed("today", "2022"))
	case "run", "list", "check":
		c.ValidArgsFunction = arguments(experimentNames, -1)
	case "estimate":
		c.ValidArgsFunction = arguments(a.runIDs(true), 1)
	case "report", "trend":
		c.ValidArgsFunction = arguments(a.runIDs(true), unlimitedFiles)
		_ = c.RegisterFlagCompletionFunc("reference", arguments(a.runIDs(true), unlimitedFiles))
		_ = c.RegisterFlagCompletionFunc("min-change", cobra.NoFileCompletions)
	case "compare":
		c.ValidArgsFunction = arguments(a.runIDs(true), 2)
		for _, side := range []string{"before", "after"} {
			// A report may also be a file, which the shell completes.
			_ = c.RegisterFlagCompletionFunc(side, arguments(a.runIDs(true), unlimitedFiles))
		}
		_ = c.RegisterFlagCompletionFunc("min-change", cobra.NoFileCompletions)
	}
	if c.Flags().Lookup("precision") != nil {
		_ = c.RegisterFlagCompletionFunc("precision", cobra.NoFileCompletions)
	}
	if f := c.Flags().Lookup("dry-run"); f != nil && f.Value.Type() == "string" {
		values := []string{dryRunNone, dryRunClient}
		if c.Name() == "init" || c.Name() == "cleanup" {
			values = append(values, dryRunServer)
		}
		a.complete(c.Flags(), c, "dry-run", fixed(values...))
	}
}

// complete registers a flag's values, if the command has the flag.
func (a *app) complete(flags *pflag.FlagSet, c *cobra.Command, name string, values lookup) {
	f := flags.Lookup(name)
	if f == nil {
		return
	}
	list := strings.HasSuffix(f.Value.Type(), "Slice")
	// The only error is that of a flag that has values already.
	_ = c.RegisterFlagCompletionFunc(name,
		func(c *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
			ctx, stop := context.WithTimeout(c.Context(), lookupLimit)
			defer stop()
			return matching(values(ctx), typed, list), cobra.ShellCompDirectiveNoFileComp
		})
}

// matching are the values that go on from what was typed. In a list, what
// stands before the last comma stays, and is not offered again.
func matching(values []string, typed string, list bool) []string {
	before, last := "", typed
	if i := strings.LastIndex(typed, ","); list && i >= 0 {
		before, last = typed[:i+1], typed[i+1:]
	}
	var out []string
	for _, v := range values {
		if strings.HasPrefix(v, last) && !slices.Contains(strings.Split(before, ","), v) {
			out = append(out, before+v)
		}
	}
	return out
}

// unlimitedFiles is no limit of arguments that may name files.
const unlimitedFiles = math.MaxInt

// arguments completes up to so many arguments, each of them once; -1 is no
// limit. Arguments that name files are completed by the shell.
func arguments(values lookup, limit int) cobra.CompletionFunc {
	return func(c *cobra.Command, have []string, typed string) ([]string, cobra.ShellCompDirective) {
		if limit >= 0 && len(have) >= limit {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		ctx, stop := context.WithTimeout(c.Context(), lookupLimit)
		defer stop()
		found := slices.DeleteFunc(values(ctx), func(v string) bool { return slices.Contains(have, v) })
		if limit >= 0 {
			return matching(found, typed, false), cobra.ShellCompDirectiveDefault
		}
		return matching(found, typed, false), cobra.ShellCompDirectiveNoFileComp
	}
}

func fixed(values ...string) lookup { return func(context.Context) []string { return values } }

func experimentNames(context.Context) []string {
	docs, err := experiment.Builtin()
	if err != nil {
		return nil
	}
	var names []string
	for _, d := range docs {
		names = append(names, d.Experiment.Metadata.Name)
	}
	return names
}

func meshIDs(context.Context) []string {
	catalogue, err := mesh.Builtin()
	if err != nil {
		return nil
	}
	return catalogue.IDs()
}

// annotated are the annotated namespaces of a role, or of any.
func (a *app) annotated(role v1alpha1.Role) lookup {
	return func(ctx context.Context) []string {
		client, err := a.connect()
		if err != nil {
			return nil
		}
		found, err := client.AnnotatedNamespaces(ctx)
		if err != nil {
			return nil
		}
		var names []string
		for _, ns := range found {
			if role == "" || ns.Annotations[v1alpha1.AnnotationRole] == string(role) {
				names = append(names, ns.Name)
			}
		}
		return names
	}
}

// nodeNames are those of the cluster's nodes, to whoever may list them.
func (a *app) nodeNames(ctx context.Context) []string {
	client, err := a.connect()
	if err != nil {
		return nil
	}
	nodes, err := client.Nodes(ctx)
	if err != nil {
		return nil
	}
	var names []string
	for _, n := range nodes {
		names = append(names, n.Name)
	}
	return names
}

// setPaths completes the path of --set, up to the value.
func setPaths(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	var paths []string
	for _, p := range experiment.Fields() {
		paths = append(paths, p+"=")
	}
	return matching(paths, typed, false), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

func (a *app) contextNames(context.Context) []string {
	raw, err := a.kube.ToRawKubeConfigLoader().RawConfig()
	if err != nil {
		return nil
	}
	var names []string
	for name := range raw.Contexts {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// runIDs are the kept runs, the latest first; without the finished ones, those
// that can go on.
func (a *app) runIDs(finished bool) lookup {
	return func(ctx context.Context) []string {
		store, err := a.store()
		if err != nil {
			return nil
		}
		all, err := store.Heads(ctx)
		if err != nil {
			return nil
		}
		var ids []string
		for _, e := range all.Runs {
			if finished || e.Report == "" {
				ids = append(ids, e.Plan.RunID)
			}
		}
		return ids
	}
}
