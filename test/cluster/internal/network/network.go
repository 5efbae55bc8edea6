// Package network joins the nodes and the control plane of a cluster. Each is
// a network namespace; a bridge in the control plane's connects them, and one
// link lets the machine reach the API server. None has a route to anywhere
// else, so nothing that runs in a cluster can leave the machine.
package network

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/host"
	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/layout"
)

const (
	bridge   = "br0"
	hostSide = "host0"
)

// Namespace is the name of the network namespace of a node, or of the control
// plane for "control-plane".
func Namespace(l layout.Layout, place string) string { return prefix(l.Name) + place }

// ControlPlane is the place of everything that is on no node.
const ControlPlane = "control-plane"

// prefix cannot be that of another cluster: names hold no dots.
func prefix(cluster string) string { return "mbtest." + cluster + "." }

// Path is the file of a network namespace.
func Path(namespace string) string { return filepath.Join("/run/netns", namespace) }

func port(n int) string { return fmt.Sprintf("node%d", n) }

// Up builds all namespaces and links.
func Up(ctx context.Context, l layout.Layout) error {
	b := batch{}
	cp := Namespace(l, ControlPlane)
	b.add("ip netns add %s", cp)
	b.add("ip -n %s link set lo up", cp)
	b.add("ip -n %s link add %s type bridge", cp, bridge)
	for _, a := range l.Addresses() {
		b.address(cp, a.ControlPlane()+"/"+a.NodePrefix(), bridge)
	}
	b.add("ip -n %s link set %s up", cp, bridge)
	b.add("ip link add %s type veth peer name %s netns %s", l.HostLink(), hostSide, cp)
	b.add("ip addr add %s/%d dev %s", l.HostAddress(), layout.HostPrefix, l.HostLink())
	b.add("ip link set %s up", l.HostLink())
	b.add("ip -n %s addr add %s/%d dev %s", cp, l.APIAddress(), layout.HostPrefix, hostSide)
	b.add("ip -n %s link set %s up", cp, hostSide)
	for n := 1; n <= l.Nodes; n++ {
		node := Namespace(l, layout.NodeName(n))
		b.add("ip netns add %s", node)
		b.add("ip -n %s link set lo up", node)
		b.add("ip -n %s link add %s type veth peer name eth0 netns %s", cp, port(n), node)
		b.add("ip -n %s link set %s master %s up", cp, port(n), bridge)
		for _, a := range l.Addresses() {
			b.address(node, a.Node(n)+"/"+a.NodePrefix(), "eth0")
		}
		b.add("ip -n %s link set eth0 up", node)
		for _, a := range l.Addresses() {
			b.routes(l, a, cp, n)
		}
		b.add("nsenter --net=%s sysctl -q -w net.ipv4.ip_forward=1", Path(node))
		if l.HasIPv6() {
			b.add("nsenter --net=%s sysctl -q -w net.ipv6.conf.all.forwarding=1", Path(node))
		}
	}
	if err := b.run(ctx); err != nil {
		return fmt.Errorf("build the network: %w", err)
	}
	return nil
}

// address gives a link an address, which is of use at once: IPv6 would first ask
// whether somebody else has it.
func (b *batch) address(namespace, address, link string) {
	nodad := ""
	if strings.Contains(address, ":") {
		nodad = "nodad"
	}
	b.add("ip -n %s addr add %s dev %s %s", namespace, address, link, nodad)
}

// routes leads to the pods of node number n, and from it to those of others.
func (b *batch) routes(l layout.Layout, a layout.Addresses, cp string, n int) {
	node := Namespace(l, layout.NodeName(n))
	b.add("ip -n %s route add %s via %s", cp, a.NodePods(n), a.Node(n))
	// kube-proxy rewrites the address, but only of packets that have a route.
	b.add("ip -n %s route add %s via %s", node, a.Services(), a.ControlPlane())
	for m := 1; m <= l.Nodes; m++ {
		if m != n {
			b.add("ip -n %s route add %s via %s", node, a.NodePods(m), a.Node(m))
		}
	}
}

// Down removes everything that Up made, as far as it is there.
func Down(ctx context.Context, cluster, hostLink string) error {
	var errs []error
	if _, err := os.Stat("/sys/class/net/" + hostLink); hostLink != "" && err == nil {
		_, err := host.Run(ctx, "ip", "link", "delete", hostLink)
		errs = append(errs, err)
	}
	entries, err := os.ReadDir("/run/netns")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		errs = append(errs, err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), prefix(cluster)) {
			_, err := host.Run(ctx, "ip", "netns", "delete", e.Name())
			errs = append(errs, err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("remove the network: %w", err)
	}
	return nil
}

// SetLink cuts a node off, or joins it again.
func SetLink(ctx context.Context, l layout.Layout, node int, up bool) error {
	state := "down"
	if up {
		state = "up"
	}
	_, err := host.Run(ctx, "ip", "-n", Namespace(l, ControlPlane), "link", "set", port(node), state)
	return err
}

// Netem shapes a node's link with tc's netem; no arguments take it away.
func Netem(ctx context.Context, l layout.Layout, node int, args ...string) error {
	tc := []string{"-n", Namespace(l, layout.NodeName(node)), "qdisc"}
	if len(args) == 0 {
		_, err := host.Run(ctx, "tc", append(tc, "del", "dev", "eth0", "root")...)
		return err
	}
	_, err := host.Run(ctx, "tc", append(append(tc, "replace", "dev", "eth0", "root", "netem"), args...)...)
	if err != nil &&
		(strings.Contains(err.Error(), "qdisc kind is unknown") || strings.Contains(err.Error(), "No such file")) {
		return fmt.Errorf("this kernel has no netem (CONFIG_NET_SCH_NETEM), so links cannot be delayed here: %w", err)
	}
	return err
}

// batch is a list of commands that are run until one fails.
type batch struct{ commands []string }

func (b *batch) add(format string, args ...any) {
	b.commands = append(b.commands, fmt.Sprintf(format, args...))
}

func (b *batch) run(ctx context.Context) error {
	for _, c := range b.commands {
		words := strings.Fields(c)
		if _, err := host.Run(ctx, words[0], words[1:]...); err != nil {
			return err
		}
	}
	return nil
}
