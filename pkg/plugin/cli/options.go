package cli

import (
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/klog/v2"
)

// newOptions prints the flags that all commands have, as kubectl does: twenty
// lines of them in every help hide what a command is about.
func newOptions(a *app, root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "options",
		Short: "Print the flags that all commands have",
		Args:  wants(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(a.streams.Out, "The following flags can be given to any command:\n\n%s",
				root.PersistentFlags().FlagUsages())
			return err
		},
	}
}

// hideGlobalFlags replaces their list in every help by where it is.
func hideGlobalFlags(root *cobra.Command) {
	const list = "Global Flags:\n{{.InheritedFlags.FlagUsages | trimTrailingWhitespaces}}"
	root.SetUsageTemplate(strings.Replace(root.UsageTemplate(), list,
		`Use "kubectl meshbench options" for the flags that all commands have.`, 1))
}

// requestsLevel is that at which client-go logs its requests.
const requestsLevel = 6

// addVerbosity adds kubectl's -v: what client-go says of its requests.
func addVerbosity(root *cobra.Command) {
	level := root.PersistentFlags().IntP("v", "v", 0,
		"Log what the Kubernetes client does: 6 shows requests, 8 their content")
	debug := root.PersistentFlags().Bool("debug", false, "Log every request to the API server, as -v 6 does")
	before := root.PersistentPreRunE
	root.PersistentPreRunE = func(c *cobra.Command, args []string) error {
		if *debug {
			*level = max(*level, requestsLevel)
		}
		log := flag.NewFlagSet("log", flag.ContinueOnError)
		klog.InitFlags(log)
		settings := map[string]string{"v": strconv.Itoa(*level)}
		if *level == 0 {
			// What the client has to say of a watch that ended is no message of ours.
			settings = map[string]string{"logtostderr": "false", "stderrthreshold": "FATAL"}
			klog.SetOutput(io.Discard)
		}
		for name, value := range settings {
			if err := log.Set(name, value); err != nil {
				return usagef("-v: %w", err)
			}
		}
		if before != nil {
			return before(c, args)
		}
		return nil
	}
}
