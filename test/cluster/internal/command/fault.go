package command

import (
	"github.com/spf13/cobra"

	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/cluster"
)

// faults are what tests break a cluster with.
func faults(find finder) *cobra.Command {
	fault := &cobra.Command{Use: "fault", Short: "Break something, or fix it"}
	for _, f := range []struct {
		use, short string
		args       cobra.PositionalArgs
		do         func(*cobra.Command, cluster.Cluster, []string) error
	}{
		{"stop-kubelet NODE", "Freeze a node's kubelet", cobra.ExactArgs(1),
			func(_ *cobra.Command, c cluster.Cluster, a []string) error { return c.StopKubelet(a[0]) }},
		{"continue-kubelet NODE", "Let it go on", cobra.ExactArgs(1),
			func(_ *cobra.Command, c cluster.Cluster, a []string) error { return c.ContinueKubelet(a[0]) }},
		{"kill COMPONENT", "End a component without a warning", cobra.ExactArgs(1),
			func(_ *cobra.Command, c cluster.Cluster, a []string) error { return c.Kill(a[0]) }},
		{"restart COMPONENT", "End a component and start it again", cobra.ExactArgs(1),
			func(x *cobra.Command, c cluster.Cluster, a []string) error { return c.Restart(x.Context(), a[0]) }},
		{"restart-apiserver", "End the API server and start it again", cobra.NoArgs,
			func(x *cobra.Command, c cluster.Cluster, _ []string) error {
				return c.Restart(x.Context(), "kube-apiserver")
			}},
		{"cut-link NODE", "Cut a node off from all others", cobra.ExactArgs(1),
			func(x *cobra.Command, c cluster.Cluster, a []string) error {
				return c.SetLink(x.Context(), a[0], false)
			}},
		{"restore-link NODE", "Join it again", cobra.ExactArgs(1),
			func(x *cobra.Command, c cluster.Cluster, a []string) error { return c.SetLink(x.Context(), a[0], true) }},
		{"delay-link NODE DURATION", "Delay what a node sends (tc netem)", cobra.ExactArgs(2),
			func(x *cobra.Command, c cluster.Cluster, a []string) error {
				return c.Netem(x.Context(), a[0], "delay", a[1])
			}},
		{"lose-packets NODE PERCENT", "Lose a share of what a node sends (tc netem)", cobra.ExactArgs(2),
			func(x *cobra.Command, c cluster.Cluster, a []string) error {
				return c.Netem(x.Context(), a[0], "loss", a[1])
			}},
		{"clear-link NODE", "Take delay and loss away", cobra.ExactArgs(1),
			func(x *cobra.Command, c cluster.Cluster, a []string) error { return c.Netem(x.Context(), a[0]) }},
	} {
		fault.AddCommand(&cobra.Command{Use: f.use, Short: f.short, Args: f.args,
			RunE: func(x *cobra.Command, args []string) error {
				c, err := find()
				if err != nil {
					return err
				}
				return f.do(x, c, args)
			}})
	}
	return fault
}
