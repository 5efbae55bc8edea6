package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/network"
)

// Load imports image archives into every node.
func (c Cluster) Load(ctx context.Context, archives []string) error {
	var work sync.WaitGroup
	errs := make([]error, c.Nodes)
	for i, node := range c.NodeNames() {
		work.Go(func() {
			for _, archive := range archives {
				errs[i] = errors.Join(errs[i], c.importImage(ctx, node, archive))
			}
		})
	}
	work.Wait()
	return errors.Join(errs...)
}

// Kubectl is the path of a kubectl that fits the cluster.
func (c Cluster) Kubectl() string { return c.bin("kubectl") }

// Logs copies a component's log.
func (c Cluster) Logs(out io.Writer, component string) error {
	if _, err := os.Stat(c.logFile(component)); err != nil {
		return fmt.Errorf("no component %q: there are %v", component, c.table().Names())
	}
	file, err := os.Open(c.logFile(component))
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	_, err = io.Copy(out, file)
	return err
}

// StopKubelet freezes a node's kubelet, so that the node seems lost.
func (c Cluster) StopKubelet(node string) error {
	return c.table().Signal(kubelet(node), syscall.SIGSTOP)
}

// ContinueKubelet lets it go on.
func (c Cluster) ContinueKubelet(node string) error {
	return c.table().Signal(kubelet(node), syscall.SIGCONT)
}

// Kill ends a component without a warning.
func (c Cluster) Kill(component string) error { return c.table().Signal(component, syscall.SIGKILL) }

// Restart ends a component, starts it again, and waits for the API server.
func (c Cluster) Restart(ctx context.Context, component string) error {
	if err := c.table().Restart(ctx, component); err != nil {
		return err
	}
	client, err := c.api()
	if err != nil {
		return err
	}
	return c.await(ctx, "the API server is ready", time.Minute, client.Ready, component)
}

// SetLink cuts a node off from all others, or joins it again.
func (c Cluster) SetLink(ctx context.Context, node string, up bool) error {
	n, err := c.NodeNumber(node)
	if err != nil {
		return err
	}
	return network.SetLink(ctx, c.Layout, n, up)
}

// Netem shapes a node's link; see network.Netem.
func (c Cluster) Netem(ctx context.Context, node string, args ...string) error {
	n, err := c.NodeNumber(node)
	if err != nil {
		return err
	}
	return network.Netem(ctx, c.Layout, n, args...)
}
