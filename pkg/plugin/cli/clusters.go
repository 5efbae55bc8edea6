package cli

import (
	"context"
	"fmt"

	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/cluster"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/preflight"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/runner"
)

// clusters are the connections of one command: to the cluster that the
// kubeconfig flags name, and to those of arms with a context of their own.
type clusters struct {
	own    *cluster.Client
	facts  v1alpha1.Cluster
	others map[string]*cluster.Client
	open   func(context string) (*cluster.Client, error)
}

// dial connects to the cluster of the command and reads what identifies it.
func (a *app) dial(ctx context.Context) (*clusters, error) {
	own, err := a.connect()
	if err != nil {
		return nil, err
	}
	facts, err := own.Facts(ctx)
	if err != nil {
		return nil, err
	}
	return &clusters{own: own, facts: facts, open: a.connectTo}, nil
}

// in is the cluster of a context; the empty one is the command's own.
func (c *clusters) in(context string) (*cluster.Client, error) {
	if context == "" {
		return c.own, nil
	}
	if client, known := c.others[context]; known {
		return client, nil
	}
	client, err := c.open(context)
	if err != nil {
		return nil, &usageError{fmt.Errorf("context %s: %w", context, err)}
	}
	if c.others == nil {
		c.others = map[string]*cluster.Client{}
	}
	c.others[context] = client
	return client, nil
}

func (c *clusters) namespaces(context string) (preflight.Namespaces, error) { return c.in(context) }

// nodes describes the nodes of a context that is connected already.
func (c *clusters) nodes(context string) nodes {
	if client, known := c.others[context]; known {
		return client
	}
	return c.own
}

// normal makes a place that names the command's own context one without a context,
// so that its arms are paired with the others there.
func (c *clusters) normal(choice preflight.Choice) preflight.Choice {
	own := func(p preflight.Place) preflight.Place {
		if p.Context == c.facts.Context {
			p.Context = ""
		}
		return p
	}
	out := preflight.Choice{Baseline: own(choice.Baseline), BaselineOnly: choice.BaselineOnly, Control: choice.Control}
	for _, p := range choice.Meshed {
		out.Meshed = append(out.Meshed, own(p))
	}
	return out
}

// arms finds the arms, and connects to all their clusters.
func (c *clusters) arms(ctx context.Context, choice preflight.Choice) ([]v1alpha1.Arm, error) {
	return preflight.Arms(ctx, c.namespaces, c.normal(choice))
}

// elsewhere reads what identifies the clusters of arms with a context of their
// own, and so fails early where one cannot be reached.
func (c *clusters) elsewhere(ctx context.Context, arms []v1alpha1.Arm) ([]v1alpha1.Cluster, error) {
	var all []v1alpha1.Cluster
	for _, name := range contexts(arms) {
		client, err := c.in(name)
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
func (c *clusters) permissions(ctx context.Context, arms []v1alpha1.Arm) error {
	for _, name := range append([]string{""}, contexts(arms)...) {
		client, err := c.in(name)
		if err != nil {
			return err
		}
		if err := preflight.Permissions(ctx, client, armsIn(arms, name)); err != nil {
			if name != "" {
				err = fmt.Errorf("context %s: %w", name, err)
			}
			return err
		}
	}
	return nil
}

// forRunner is what a Runner takes.
func (c *clusters) forRunner() map[string]runner.Cluster {
	all := map[string]runner.Cluster{}
	for name, client := range c.others {
		all[name] = client
	}
	return all
}

// contexts are those that arms name, in their order.
func contexts(arms []v1alpha1.Arm) []string {
	var names []string
	seen := map[string]bool{"": true}
	for _, arm := range arms {
		if !seen[arm.Context] {
			seen[arm.Context] = true
			names = append(names, arm.Context)
		}
	}
	return names
}

func armsIn(arms []v1alpha1.Arm, context string) []v1alpha1.Arm {
	var in []v1alpha1.Arm
	for _, arm := range arms {
		if arm.Context == context {
			in = append(in, arm)
		}
	}
	return in
}

// fromContext opens another cluster of the same kubeconfig. Flags that describe
// the command's own cluster or user do not hold there.
func (a *app) fromContext(name string) (*cluster.Client, error) {
	kube := genericclioptions.NewConfigFlags(true)
	kube.KubeConfig, kube.Timeout, kube.DisableCompression = a.kube.KubeConfig, a.kube.Timeout, a.kube.DisableCompression
	kube.Context = &name
	config, err := kube.ToRESTConfig()
	if err != nil {
		return nil, fmt.Errorf("read the kubeconfig: %w", err)
	}
	return cluster.New(config, name)
}
