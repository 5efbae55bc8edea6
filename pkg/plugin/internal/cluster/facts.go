package cluster

import (
	"context"
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Facts reads what identifies the cluster. It is also the first call of a run,
// so it fails soon where the API server cannot be reached. One that refuses to
// tell its version was reached: the version is missing then, and no more.
func (c *Client) Facts(ctx context.Context) (v1alpha1.Cluster, error) {
	body, err := retriedFor(ctx, c.opening, func(ctx context.Context) ([]byte, error) {
		return c.clientset.Discovery().RESTClient().Get().AbsPath("/version").Do(ctx).Raw()
	})
	if apierrors.IsForbidden(err) {
		return v1alpha1.Cluster{Context: c.context}, nil
	}
	if err != nil {
		return v1alpha1.Cluster{}, fmt.Errorf("reach the API server: %w", err)
	}
	version, err := gitVersion(body)
	if err != nil {
		return v1alpha1.Cluster{}, fmt.Errorf("read the API server's version: %w", err)
	}
	return v1alpha1.Cluster{Context: c.context, ServerVersion: version}, nil
}

// Node reads one node, as far as the user may; the rest stays empty.
func (c *Client) Node(ctx context.Context, name string) v1alpha1.Node {
	node := v1alpha1.Node{Name: name}
	stored, err := c.clientset.CoreV1().Nodes().Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return node
	}
	info := stored.Status.NodeInfo
	node.Kernel = info.KernelVersion
	node.Architecture = info.Architecture
	node.ContainerRuntime = info.ContainerRuntimeVersion
	node.Kubelet = info.KubeletVersion
	node.Zone = stored.Labels[corev1.LabelTopologyZone]
	node.CPUs = int(stored.Status.Capacity.Cpu().Value())
	node.MemoryBytes = stored.Status.Capacity.Memory().Value()
	return node
}

func gitVersion(body []byte) (string, error) {
	var info struct {
		GitVersion string `json:"gitVersion"`
	}
	if err := json.Unmarshal(body, &info); err != nil {
		return "", err
	}
	return info.GitVersion, nil
}
