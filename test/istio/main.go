// Command istio is every Istio program of the tests in one binary.
//
// The program to run is the name the binary was started under (a copy called
// pilot-agent is pilot-agent), or else the first argument. Each is what Istio's
// own main of that name runs; one binary shares the linked code and so is built
// in a fraction of the time.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"

	_ "github.com/KimMachineGun/automemlimit" // the Go heap minds the container's memory limit

	meshconfig "istio.io/api/mesh/v1alpha1"
	istioctl "istio.io/istio/istioctl/cmd"
	agent "istio.io/istio/pilot/cmd/pilot-agent/app"
	discovery "istio.io/istio/pilot/cmd/pilot-discovery/app"
	istioagent "istio.io/istio/pkg/istio-agent"
	"istio.io/istio/pkg/log"
	"istio.io/istio/pkg/security"
	"istio.io/istio/security/pkg/nodeagent/sds"

	"github.com/spf13/cobra"
)

func main() {
	os.Exit(run(os.Args))
}

// run dispatches to one program and returns its exit code.
func run(args []string) int {
	programs := map[string]func([]string) *cobra.Command{
		"pilot-discovery": func([]string) *cobra.Command { return discovery.NewRootCommand() },
		"pilot-agent":     func([]string) *cobra.Command { return agent.NewRootCommand(newSDS) },
		"istioctl":        istioctl.GetRootCmd,
	}
	name, rest := filepath.Base(args[0]), args[1:]
	if programs[name] == nil && len(rest) > 0 {
		name, rest = rest[0], rest[1:]
	}
	program := programs[name]
	if program == nil {
		names := make([]string, 0, len(programs))
		for name := range programs {
			names = append(names, name)
		}
		sort.Strings(names)
		fmt.Fprintf(os.Stderr, "istio: name the program to run first, one of %v\n", names)
		return 2
	}
	log.EnableKlogWithCobra()
	command := program(rest)
	command.SetArgs(rest)
	if err := command.Execute(); err != nil {
		log.Error(err)
		return 1
	}
	return 0
}

// newSDS serves a proxy its certificates.
func newSDS(options *security.Options, cache security.SecretManager,
	keys *meshconfig.PrivateKeyProvider) istioagent.SDSService {
	return sds.NewServer(options, cache, keys)
}
