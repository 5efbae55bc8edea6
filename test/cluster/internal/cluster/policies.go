package cluster

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/build"
	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/host"
	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/layout"
	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/network"
)

// policyQueue is the kernel's queue that new connections wait in, per node.
const policyQueue = 100

func policies(node string) string { return "network-policies-" + node }

// EnforcePolicies makes every node enforce NetworkPolicies from now on. The first
// packet of a connection that is routed to or from a pod waits for the verdict of a
// program; connections that are there already stay, and what a node itself opens,
// such as a kubelet's probes, is let through, as most networks do.
func (c Cluster) EnforcePolicies(ctx context.Context, source string) error {
	b, err := build.ForUser(c.Log)
	if err != nil {
		return err
	}
	dir := filepath.Join(source, "policies")
	program, err := b.Binary(ctx, build.Program{Name: "policies", Dir: dir, Module: dir})
	if err != nil {
		return err
	}
	for n := 1; n <= c.Nodes; n++ {
		node := layout.NodeName(n)
		if slices.Contains(c.table().Names(), policies(node)) {
			continue
		}
		err := c.startOn(node, policies(node), program, "-kubeconfig", c.userConfig("admin"), "-node", node,
			"-queue", strconv.Itoa(policyQueue))
		if err != nil {
			return err
		}
		if err := c.await(ctx, policies(node)+" listens", 20*time.Second, func(ctx context.Context) error {
			return c.queued(ctx, node)
		}, policies(node)); err != nil {
			return err
		}
		for _, tables := range c.tables() {
			if err := c.onNode(ctx, node, tables, "-I", "FORWARD", "-m", "conntrack", "--ctstate", "NEW", "-j", "NFQUEUE",
				"--queue-num", strconv.Itoa(policyQueue)); err != nil {
				return err
			}
		}
	}
	return nil
}

// tables are the programs for the packets of the cluster's families.
func (c Cluster) tables() []string {
	if c.HasIPv6() {
		return []string{"iptables", "ip6tables"}
	}
	return []string{"iptables"}
}

// queued reports whether somebody listens to the queue.
func (c Cluster) queued(ctx context.Context, node string) error {
	return c.onNode(ctx, node, "grep", "-q", fmt.Sprintf("^ *%d ", policyQueue), "/proc/net/netfilter/nfnetlink_queue")
}

func (c Cluster) onNode(ctx context.Context, node string, argv ...string) error {
	enter := "--net=" + network.Path(network.Namespace(c.Layout, node))
	_, err := host.Run(ctx, "nsenter", append([]string{enter, "--"}, argv...)...)
	return err
}
