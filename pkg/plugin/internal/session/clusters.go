package session

import (
	"context"
	"fmt"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/arms"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/preflight"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/runner"
)

// Describer says what a cluster and its nodes are.
type Describer interface {
	Facts(ctx context.Context) (v1alpha1.Cluster, error)
	// Node describes a node as far as the user may read it.
	Node(ctx context.Context, name string) v1alpha1.Node
}

// Cluster is all that a session asks of one cluster.
type Cluster interface {
	Describer
	runner.Cluster
	arms.Namespaces
	arms.Meshes
	arms.Services
	preflight.Access
}

// Clusters are the connections of one command: to the cluster that it is for,
// and to those of arms with a context of their own.
type Clusters struct {
	own    Cluster
	facts  v1alpha1.Cluster
	others map[string]Cluster
	open   func(context string) (Cluster, error)
}

// Connect returns Clusters that open others when they are needed. Nothing is
// asked of a cluster yet; named is the context of the command's own.
func Connect(own Cluster, named string, open func(context string) (Cluster, error)) *Clusters {
	return &Clusters{own: own, facts: v1alpha1.Cluster{Context: named}, open: open, others: map[string]Cluster{}}
}

// Dial connects, and reads what identifies the command's own cluster: it fails
// early where that cannot be reached.
func Dial(ctx context.Context, own Cluster, open func(context string) (Cluster, error)) (*Clusters, error) {
	facts, err := own.Facts(ctx)
	if err != nil {
		return nil, err
	}
	c := Connect(own, facts.Context, open)
	c.facts = facts
	return c, nil
}

// Own is the context of the command's own cluster.
func (c *Clusters) Own() string { return c.facts.Context }

// In is the cluster of a context; the empty one is the command's own.
func (c *Clusters) In(context string) (Cluster, error) {
	if context == "" {
		return c.own, nil
	}
	if client, known := c.others[context]; known {
		return client, nil
	}
	client, err := c.open(context)
	if err != nil {
		return nil, invalid("context %s: %w", context, err)
	}
	c.others[context] = client
	return client, nil
}

// elsewhere reads what identifies the clusters of arms with a context of their
// own, and so fails early where one cannot be reached.
func (c *Clusters) elsewhere(ctx context.Context, of []v1alpha1.Arm) ([]v1alpha1.Cluster, error) {
	var all []v1alpha1.Cluster
	for _, name := range arms.Contexts(of) {
		client, err := c.In(name)
		if err != nil {
			return nil, err
		}
		facts, err := client.Facts(ctx)
		if err != nil {
			return nil, fmt.Errorf("context %s: %w", name, err)
		}
		all = append(all, facts)
	}
	return all, nil
}

// permissions checks the rights of the user in every arm's cluster.
func (c *Clusters) permissions(ctx context.Context, of []v1alpha1.Arm) error {
	for _, name := range append([]string{""}, arms.Contexts(of)...) {
		client, err := c.In(name)
		if err != nil {
			return err
		}
		if err := preflight.Permissions(ctx, client, arms.In(of, name)); err != nil {
			if name != "" {
				err = fmt.Errorf("context %s: %w", name, err)
			}
			return err
		}
	}
	return nil
}

// forRunner is what a Runner takes.
func (c *Clusters) forRunner() map[string]runner.Cluster {
	all := map[string]runner.Cluster{}
	for name, client := range c.others {
		all[name] = client
	}
	return all
}
