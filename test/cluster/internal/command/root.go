// Package command is the command line of the throwaway cluster.
package command

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/cluster"
	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/host"
	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/layout"
)

// Root returns the whole command tree.
func Root() *cobra.Command {
	root := &cobra.Command{
		Use:           "cluster",
		Short:         "A throwaway Kubernetes on this machine",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	var name string
	root.PersistentFlags().StringVar(&name, "name", layout.DefaultName, "the cluster's name")
	find := func() (cluster.Cluster, error) { return cluster.Find(name, os.Stderr) }
	root.AddCommand(up(&name), down(&name), status(find), load(find), logs(find), bench(), buildProgram(), buildImage(),
		faults(find), enforcePolicies(find))
	for _, path := range []struct {
		use, short string
		of         func(cluster.Cluster) string
	}{
		{"kubeconfig", "Print the path of the administrator's kubeconfig",
			func(c cluster.Cluster) string { return c.Kubeconfig() }},
		{"audit-log", "Print the path of the API server's audit log, which `up --audit` lets it keep",
			cluster.Cluster.AuditLog},
		{"kubectl-path", "Print the path of a kubectl that fits", cluster.Cluster.Kubectl},
		{"host-address", "Print the address under which the control plane sees this machine",
			func(c cluster.Cluster) string { return c.HostAddress() }},
	} {
		root.AddCommand(&cobra.Command{Use: path.use, Short: path.short, Args: cobra.NoArgs,
			RunE: func(c *cobra.Command, _ []string) error {
				found, err := find()
				if err == nil {
					_, err = fmt.Fprintln(c.OutOrStdout(), path.of(found))
				}
				return err
			}})
	}
	return root
}

// finder returns the cluster that --name names.
type finder func() (cluster.Cluster, error)

func up(name *string) *cobra.Command {
	var want layout.Layout
	var family, cni string
	c := &cobra.Command{
		Use: "up", Short: "Bring the cluster up, and wait until it is ready", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := host.Require(); err != nil {
				return err
			}
			source, err := source()
			if err != nil {
				return err
			}
			want.Name, want.Family, want.CNI = *name, layout.Family(family), layout.CNI(cni)
			_, err = cluster.Up(c.Context(), want, source, c.ErrOrStderr())
			return err
		},
	}
	c.Flags().IntVar(&want.Nodes, "nodes", 2, "number of nodes")
	c.Flags().BoolVar(&want.TraefikNames, "traefik-names", false,
		"let DNS answer SERVICE.NAMESPACE.traefik.mesh with the shadow Service in the namespace traefik-mesh")
	c.Flags().BoolVar(&want.Audit, "audit", false,
		"write down who asked the API server for what, into the file that audit-log prints")
	c.Flags().StringVar(&cni, "cni", string(layout.PTP),
		"what joins pods to the network: ptp or cilium, whose agent is compiled for it")
	c.Flags().StringVar(&family, "ip-family", string(layout.IPv4),
		"addresses of nodes, pods and Services: ipv4, ipv6 or dual")
	return c
}

// source is the directory of this module, in which the tool is run.
func source() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(filepath.Join(dir, "kube", "go.mod")); err != nil {
		return "", fmt.Errorf("run this in its own directory: go -C test/cluster run . up")
	}
	return dir, nil
}

func down(name *string) *cobra.Command {
	var all bool
	c := &cobra.Command{
		Use: "down", Short: "Take the cluster down, whatever state it is in", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := host.Require(); err != nil {
				return err
			}
			names := []string{*name}
			if all {
				var err error
				if names, err = cluster.Names(); err != nil {
					return err
				}
			}
			for _, n := range names {
				begun := time.Now()
				if err := cluster.Down(c.Context(), n); err != nil {
					return err
				}
				_, _ = fmt.Fprintf(c.ErrOrStderr(), "cluster %s is down after %.1f s\n", n, time.Since(begun).Seconds())
			}
			return nil
		},
	}
	c.Flags().BoolVar(&all, "all", false, "take all clusters down")
	return c
}

func status(find finder) *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "Say whether the cluster is whole", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			found, err := find()
			if err != nil {
				return err
			}
			if err := found.Status(c.Context()); err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "cluster %s: %d nodes, ready\n", found.Name, found.Nodes)
			return err
		},
	}
}

func enforcePolicies(find finder) *cobra.Command {
	return &cobra.Command{
		Use: "enforce-policies", Short: "Let the network enforce NetworkPolicies from now on", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			found, err := find()
			if err != nil {
				return err
			}
			source, err := source()
			if err != nil {
				return err
			}
			return found.EnforcePolicies(c.Context(), source)
		},
	}
}

func load(find finder) *cobra.Command {
	return &cobra.Command{
		Use: "load-image ARCHIVE...", Short: "Load images into every node", Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, archives []string) error {
			found, err := find()
			if err != nil {
				return err
			}
			return found.Load(c.Context(), archives)
		},
	}
}

func logs(find finder) *cobra.Command {
	return &cobra.Command{
		Use: "logs COMPONENT", Short: "Print a component's log", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			found, err := find()
			if err != nil {
				return err
			}
			return found.Logs(c.OutOrStdout(), args[0])
		},
	}
}
