package cli

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/cluster"
)

// app is what commands share.
type app struct {
	version, workerDigest string
	streams               genericiooptions.IOStreams
	// connect opens the cluster that the kubeconfig flags name.
	connect func() (*cluster.Client, error)
	// connectTo opens the cluster of another context of the same kubeconfig.
	connectTo func(context string) (*cluster.Client, error)
	// running is the run that has objects in the cluster.
	running atomic.Pointer[leftRun]
	// args are those of the process.
	args []string
	kube *genericclioptions.ConfigFlags
	// kubeFlags are the flags that kube is read from.
	kubeFlags *pflag.FlagSet
}

// leftRun is a run that somebody may have to clean up after.
type leftRun struct{ id, lines string }

func newApp(version string, streams genericiooptions.IOStreams) *app {
	kube := genericclioptions.NewConfigFlags(true)
	kube.Namespace = nil // namespaces take part by their annotation
	a := &app{version: version, streams: streams, kube: kube}
	a.kubeFlags = pflag.NewFlagSet("kubeconfig", pflag.ContinueOnError)
	kube.AddFlags(a.kubeFlags)
	a.connect, a.connectTo = a.fromKubeconfig, a.fromContext
	return a
}

func (a *app) fromKubeconfig() (*cluster.Client, error) {
	raw, rawErr := a.kube.ToRawKubeConfigLoader().RawConfig()
	server := a.kube.APIServer != nil && *a.kube.APIServer != ""
	if rawErr == nil && len(raw.Clusters) == 0 && !server && os.Getenv("KUBERNETES_SERVICE_HOST") == "" {
		return nil, a.noKubeconfig()
	}
	config, err := a.kube.ToRESTConfig()
	if err != nil {
		return nil, unread(err)
	}
	name := ""
	if rawErr == nil {
		name = raw.CurrentContext
	}
	if a.kube.Context != nil && *a.kube.Context != "" {
		name = *a.kube.Context
	}
	return cluster.New(config, name)
}

// noKubeconfig says where one was looked for, and what was there.
func (a *app) noKubeconfig() error {
	var all []string
	for _, path := range a.kube.ToRawKubeConfigLoader().ConfigAccess().GetLoadingPrecedence() {
		what := "is not there"
		if _, err := os.Stat(path); err == nil {
			what = "names no cluster"
		}
		all = append(all, strconv.Quote(path)+" "+what)
	}
	return usagef("there is no kubeconfig: %s: name one with --kubeconfig or in KUBECONFIG, or make ~/.kube/config",
		strings.Join(all, ", "))
}

const rootLong = `Measure what a service mesh costs on a cluster that already runs one.

meshbench puts a small echo server into namespaces that you annotated, drives
load against it in interleaved trials, takes everything away again, and compares
each meshed namespace with an unmeshed baseline.

  kubectl annotate namespace plain    meshbench.dev/role=baseline
  kubectl annotate namespace with-mesh meshbench.dev/role=meshed
  kubectl meshbench exp1
`

func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:           "kubectl-meshbench",
		Annotations:   map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl meshbench"},
		Short:         "Measure what a service mesh costs",
		Long:          rootLong + "\nExit codes:\n" + exitHelp(),
		Version:       a.version,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          unknownCommand,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetIn(a.streams.In)
	root.SetOut(a.streams.Out)
	root.SetErr(a.streams.ErrOut)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		// With an unknown command, its flags are unknown too: say what matters.
		if len(a.args) > 0 && !c.HasParent() && !strings.HasPrefix(a.args[0], "-") {
			return unknownCommand(c, a.args)
		}
		return usagef("%w: see '%s --help'", err, c.CommandPath())
	})
	root.PersistentFlags().AddFlagSet(a.kubeFlags)
	refuseNamespace(root)
	addVerbosity(root)
	hideGlobalFlags(root)
	experiments := &cobra.Group{ID: "experiments", Title: "Experiments:"}
	root.AddGroup(experiments)
	builtin, err := newBuiltins(a, experiments.ID)
	if err != nil {
		// The documents are part of the program: say it where a user sees it.
		root.PersistentPreRunE = func(*cobra.Command, []string) error { return err }
	}
	root.AddCommand(builtin...)
	root.AddCommand(newRun(a), newList(a), newReport(a), newCompare(a), newTrend(a), newEstimate(a), newImport(a),
		newRuns(a),
		newCheck(a),
		newInit(a), newCleanup(a),
		newSurvey(a), newExplain(a), newImages(a), newRBAC(a),
		newVersion(a), newOptions(a, root))
	a.addCompletion(root)
	return root
}

// unknownCommand is where cobra arrives with a word that names no command.
func unknownCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	text := fmt.Sprintf("unknown command %q", args[0])
	var names []string
	for _, command := range c.Commands() {
		names = append(names, command.Name())
	}
	text += didYouMean(args[0], names)
	return usagef("%s: see '%s --help'", text, c.CommandPath())
}

// wants turns a failed check of arguments into a usage error.
func wants(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if err := check(c, args); err != nil {
			return &usageError{errors.Join(err, fmt.Errorf("usage: %s", c.UseLine()))}
		}
		return nil
	}
}
