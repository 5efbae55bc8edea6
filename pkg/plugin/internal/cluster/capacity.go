package cluster

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// pageSize bounds one answer of a list over the whole cluster.
const pageSize = 500

// Quotas reads the resource quotas of a namespace.
func (c *Client) Quotas(ctx context.Context, namespace string) ([]corev1.ResourceQuota, error) {
	list, err := c.clientset.CoreV1().ResourceQuotas(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list resourcequotas in namespace %s: %w", namespace, err)
	}
	return list.Items, nil
}

// Nodes reads all nodes.
func (c *Client) Nodes(ctx context.Context) ([]corev1.Node, error) {
	list, err := c.clientset.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list nodes: %w", err)
	}
	return list.Items, nil
}

// ScheduledPods reads the pods of all namespaces that take room on a node.
func (c *Client) ScheduledPods(ctx context.Context) ([]corev1.Pod, error) {
	var all []corev1.Pod
	options := metav1.ListOptions{
		Limit:         pageSize,
		FieldSelector: "spec.nodeName!=,status.phase!=Succeeded,status.phase!=Failed",
	}
	for {
		list, err := c.clientset.CoreV1().Pods(metav1.NamespaceAll).List(ctx, options)
		if err != nil {
			return nil, fmt.Errorf("list pods of all namespaces: %w", err)
		}
		all = append(all, list.Items...)
		if options.Continue = list.Continue; options.Continue == "" {
			return all, nil
		}
	}
}
