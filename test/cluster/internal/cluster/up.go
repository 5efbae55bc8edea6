package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/cgroup"
	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/host"
	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/layout"
	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/network"
)

// Up brings a cluster of a name and shape up, or finds that it is. source is the
// directory of this module. It returns when all nodes are ready and DNS answers.
func Up(ctx context.Context, want layout.Layout, source string, log io.Writer) (Cluster, error) {
	name := want.Name
	if err := want.Validate(); err != nil {
		return Cluster{}, err
	}
	if err := host.Require(); err != nil {
		return Cluster{}, err
	}
	if err := host.Install(ctx, log); err != nil {
		return Cluster{}, err
	}
	p, err := compile(ctx, source, log)
	if err != nil {
		return Cluster{}, err
	}
	if want.HasCilium() {
		if p.cilium, err = compileCilium(ctx, source, log); err != nil {
			return Cluster{}, err
		}
	}
	if c, err := Find(name, log); err == nil && c.SameShape(want) && c.Status(ctx) == nil {
		_, _ = fmt.Fprintf(log, "cluster %s is up already\n", name)
		return c, nil
	}
	// What a crash, or another shape, has left is in the way.
	if err := Down(ctx, name); err != nil {
		return Cluster{}, err
	}
	begun := time.Now()
	l, err := claim(want)
	if err != nil {
		return Cluster{}, err
	}
	c := Cluster{Layout: l, Log: log}
	if err := c.build(ctx, p); err != nil {
		return c, fmt.Errorf("cluster %s: %w (its logs are in %s; `down --name %s` removes it)", name, err, c.LogDir(), name)
	}
	_, _ = fmt.Fprintf(log, "cluster %s is up after %.1f s: %d nodes, kubeconfig %s\n", name, time.Since(begun).Seconds(),
		c.Nodes, c.Kubeconfig())
	return c, nil
}

func (c Cluster) build(ctx context.Context, p programs) error {
	for _, program := range []string{"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet",
		"kube-proxy", "kubectl"} {
		// A hard link outlives the cache's next version, and costs nothing.
		if err := linkOrCopy(p.kube, c.bin(program)); err != nil {
			return err
		}
	}
	if err := c.writeKeys(time.Now()); err != nil {
		return err
	}
	if err := cgroup.Create(c.DaemonCgroup()); err != nil {
		return err
	}
	if err := network.Up(ctx, c.Layout); err != nil {
		return err
	}
	if c.HasCilium() {
		if err := c.installPlugin(p.cilium); err != nil {
			return err
		}
	}
	var work sync.WaitGroup
	errs := make([]error, c.Nodes+1)
	work.Go(func() { errs[0] = c.startAPI(ctx) })
	for n := 1; n <= c.Nodes; n++ {
		if err := c.startRuntime(n); err != nil {
			return err
		}
		work.Go(func() { errs[n] = c.startContainerd(ctx, n, p.pause) })
	}
	work.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for n := 1; n <= c.Nodes; n++ {
		if err := c.startKubelet(n); err != nil {
			return err
		}
	}
	if err := c.startControllers(ctx, p.coredns); err != nil {
		return err
	}
	if c.HasCilium() {
		if err := c.startCilium(ctx, p.cilium); err != nil {
			return err
		}
	}
	return c.awaitWhole(ctx)
}

func (c Cluster) awaitWhole(ctx context.Context) error {
	client, err := c.api()
	if err != nil {
		return err
	}
	var needs []string
	for _, node := range c.NodeNames() {
		needs = append(needs, kubelet(node), containerd(node))
	}
	limit := time.Minute
	if c.HasCilium() {
		limit = 5 * time.Minute // it compiles for the kernel first
	}
	err = c.await(ctx, "all nodes are ready", limit, func(ctx context.Context) error {
		ready, err := client.ReadyNodes(ctx)
		if err == nil && ready != c.Nodes {
			err = fmt.Errorf("%d of %d nodes are ready", ready, c.Nodes)
		}
		return err
	}, needs...)
	if err != nil {
		return err
	}
	err = c.await(ctx, "pods can be created", 30*time.Second, func(ctx context.Context) error {
		return client.Has(ctx, "/api/v1/namespaces/default/serviceaccounts/default")
	}, "kube-controller-manager")
	if err != nil {
		return err
	}
	return c.await(ctx, "DNS answers", 30*time.Second, c.resolves, "coredns", proxy(layout.NodeName(1)))
}

func linkOrCopy(from, to string) error {
	if err := os.Link(from, to); err == nil {
		return nil
	}
	// The first one is copied, the others are links to it.
	first := filepath.Join(filepath.Dir(to), ".kube")
	if _, err := os.Stat(first); err != nil {
		data, err := os.ReadFile(from)
		if err != nil {
			return fmt.Errorf("copy programs: %w", err)
		}
		if err := os.WriteFile(first, data, 0o755); err != nil {
			return fmt.Errorf("copy programs: %w", err)
		}
	}
	return os.Link(first, to)
}
