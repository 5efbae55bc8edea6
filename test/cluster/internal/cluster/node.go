package cluster

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/cgroup"
	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/config"
	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/host"
	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/layout"
	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/network"
)

// A node is a network namespace and a mount namespace in which /run, /var/lib
// and the pods' logs are its own, as on a machine of its own. All that it
// mounts vanishes with it.

func holder(node string) string     { return "node-" + node }
func containerd(node string) string { return "containerd-" + node }
func kubelet(node string) string    { return "kubelet-" + node }
func proxy(node string) string      { return "kube-proxy-" + node }

const holdNode = `set -e
root=$1
mount --bind "$2" "$root/var-lib/${2##*/}"
mount --bind "$root/run" /run
mount --rbind "$root/var-lib" /var/lib
if [ -n "$3" ]; then
  mount -t bpf bpf /sys/fs/bpf
  mkdir -p /run/cilium/cgroupv2
  mount --bind "$3" /run/cilium/cgroupv2
fi
mount --bind "$root/var-log" /var/log
exec sleep infinity`

// startRuntime makes node number n and starts its containerd.
func (c Cluster) startRuntime(n int) error {
	node := layout.NodeName(n)
	root := c.Root(node)
	for _, dir := range []string{"run/cni", "run/netns", "run/lock", "var-lib/" + filepath.Base(layout.Base),
		"var-log/pods", "var-log/containers"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			return fmt.Errorf("make %s: %w", node, err)
		}
	}
	files := map[string]string{
		c.nodeConfig(node, "containerd.toml"): config.Containerd(c.plugins()),
		c.nodeConfig(node, "resolv.conf"):     "",
		c.nodeConfig(node, "kubelet.yaml"): config.Kubelet(c.Layout, c.NodeCgroup(node), config.KubeletFiles{
			ClientCA: c.pem("ca.crt"), Cert: c.pem(nodeUser(node) + ".crt"), Key: c.pem(nodeUser(node) + ".key"),
			ResolvConf: c.nodeConfig(node, "resolv.conf"),
		}),
	}
	if !c.HasCilium() {
		cni, err := config.CNI(c.Layout, n)
		if err != nil {
			return err
		}
		files[filepath.Join(root, "run/cni/10-meshbench.conflist")] = cni
	}
	for path, text := range files {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return fmt.Errorf("make %s: %w", node, err)
		}
	}
	if err := cgroup.Create(c.NodeCgroup(node)); err != nil {
		return err
	}
	sockets, err := c.socketGroup(node)
	if err != nil {
		return err
	}
	enter := "--net=" + network.Path(network.Namespace(c.Layout, node))
	err = c.daemon(holder(node),
		[]string{"nsenter", enter, "--", "unshare", "--mount", "--propagation", "private", "--", "/bin/sh", "-c", holdNode,
			"hold", root, layout.Base, sockets})
	if err != nil {
		return err
	}
	return nil
}

func (c Cluster) nodeConfig(node, file string) string {
	return filepath.Join(c.ConfigDir(), node+"-"+file)
}

// inNode is the command line that runs argv on a node.
func (c Cluster) inNode(node string, argv ...string) ([]string, error) {
	pid, err := c.table().PID(holder(node))
	if err != nil {
		return nil, err
	}
	id := strconv.Itoa(pid)
	return append([]string{"nsenter", "--target", id, "--mount", "--net", "--"}, argv...), nil
}

func (c Cluster) startOn(node, name string, argv ...string) error {
	command, err := c.inNode(node, argv...)
	if err != nil {
		return err
	}
	return c.daemon(name, command)
}

// startContainerd waits until the node's mounts are made, starts its containerd
// and gives it the sandbox image.
func (c Cluster) startContainerd(ctx context.Context, n int, pause string) error {
	node := layout.NodeName(n)
	err := c.await(ctx, node+" is set up", 10*time.Second, func(ctx context.Context) error {
		// The last mount is /var/log: the node's own has a mark.
		command, err := c.inNode(node, "test", "-d", "/var/log/pods", "-a", "-d", c.Dir())
		if err != nil {
			return err
		}
		_, err = host.Run(ctx, command[0], command[1:]...)
		return err
	}, holder(node))
	if err != nil {
		return err
	}
	if err := c.startOn(node, containerd(node), "containerd", "--config", c.nodeConfig(node, "containerd.toml"),
		"--log-level", "warn"); err != nil {
		return err
	}
	err = c.await(ctx, containerd(node)+" answers", 20*time.Second, func(ctx context.Context) error {
		_, err := host.Run(ctx, "ctr", "--address", c.ContainerdSocket(node), "--connect-timeout", "1s", "version")
		return err
	}, containerd(node))
	if err != nil {
		return err
	}
	return c.importImage(ctx, node, pause)
}

func (c Cluster) importImage(ctx context.Context, node, archive string) error {
	_, err := host.Run(ctx, "ctr", "--address", c.ContainerdSocket(node), "--namespace", "k8s.io", "images", "import",
		archive)
	if err != nil {
		return fmt.Errorf("load %s into %s: %w", archive, node, err)
	}
	return nil
}

// startKubelet starts the node's kubelet and kube-proxy.
func (c Cluster) startKubelet(n int) error {
	node := layout.NodeName(n)
	err := c.startOn(node, kubelet(node), c.bin("kubelet"), "--config="+c.nodeConfig(node, "kubelet.yaml"),
		"--kubeconfig="+c.userConfig(nodeUser(node)), "--hostname-override="+node,
		"--node-ip="+strings.Join(c.nodeAddresses(n), ","),
		"--housekeeping-interval=5s", "--cert-dir="+filepath.Join(c.ConfigDir(), node))
	if err != nil {
		return err
	}
	return c.startOn(node, proxy(node), c.bin("kube-proxy"), "--kubeconfig="+c.userConfig("proxy"),
		"--cluster-cidr="+c.Joined(layout.Addresses.Pods),
		"--hostname-override="+node, "--proxy-mode=iptables", "--iptables-min-sync-period=100ms",
		// These need rights that a machine may not give.
		"--conntrack-max-per-core=0", "--conntrack-tcp-timeout-established=0", "--conntrack-tcp-timeout-close-wait=0")
}
