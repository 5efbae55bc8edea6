package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/cluster"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/session"
)

// dial connects to the cluster of the command and reads what identifies it.
// Before that asks anything of the cluster, ready tells what is missing here.
func (a *app) dial(ctx context.Context, ready func() error) (*session.Clusters, *cluster.Client, error) {
	own, err := a.connect()
	if err == nil && ready != nil {
		err = ready()
	}
	if err != nil {
		return nil, nil, err
	}
	at, err := session.Dial(ctx, own, a.other)
	return at, own, err
}

// other opens the cluster of another context of the same kubeconfig.
func (a *app) other(context string) (session.Cluster, error) { return a.connectTo(context) }

// once opens the cluster of each context once.
func once(open func(context string) (*cluster.Client, error)) func(context string) (*cluster.Client, error) {
	opened := map[string]*cluster.Client{}
	return func(context string) (*cluster.Client, error) {
		if client, known := opened[context]; known {
			return client, nil
		}
		client, err := open(context)
		if err == nil {
			opened[context] = client
		}
		return client, err
	}
}

// unread is what a kubeconfig that gives no cluster ends with. A name that is wrong
// is the user's to type again; client-go says so of contexts, clusters and users in
// these words.
func unread(err error) error {
	err = fmt.Errorf("read the kubeconfig: %w", err)
	if errors.Is(err, fs.ErrNotExist) ||
		strings.Contains(err.Error(), "does not exist") {
		return &usageError{err}
	}
	return err
}

// fromContext opens another cluster of the same kubeconfig. Flags that describe
// the command's own cluster or user do not hold there.
func (a *app) fromContext(name string) (*cluster.Client, error) {
	kube := genericclioptions.NewConfigFlags(true)
	kube.KubeConfig, kube.Timeout, kube.DisableCompression = a.kube.KubeConfig, a.kube.Timeout, a.kube.DisableCompression
	kube.Context = &name
	config, err := kube.ToRESTConfig()
	if err != nil {
		return nil, unread(err)
	}
	return cluster.New(config, name)
}
