package cluster

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Quotas reads the resource quotas of a namespace.
func (c *Client) Quotas(ctx context.Context, namespace string) ([]corev1.ResourceQuota, error) {
	var all []corev1.ResourceQuota
	err := pages(ctx, metav1.ListOptions{}, c.clientset.CoreV1().ResourceQuotas(namespace).List,
		func(l *corev1.ResourceQuotaList) { all = append(all, l.Items...) })
	if err != nil {
		return nil, fmt.Errorf("list resourcequotas in namespace %s: %w", namespace, err)
	}
	return all, nil
}

// NetworkPolicies reads those of a namespace.
func (c *Client) NetworkPolicies(ctx context.Context, namespace string) ([]networkingv1.NetworkPolicy, error) {
	var all []networkingv1.NetworkPolicy
	err := pages(ctx, metav1.ListOptions{}, c.clientset.NetworkingV1().NetworkPolicies(namespace).List,
		func(l *networkingv1.NetworkPolicyList) { all = append(all, l.Items...) })
	if err != nil {
		return nil, fmt.Errorf("list networkpolicies in namespace %s: %w", namespace, err)
	}
	return all, nil
}

// Nodes reads all nodes.
func (c *Client) Nodes(ctx context.Context) ([]corev1.Node, error) {
	var all []corev1.Node
	err := pages(ctx, metav1.ListOptions{}, c.clientset.CoreV1().Nodes().List,
		func(l *corev1.NodeList) { all = append(all, l.Items...) })
	if err != nil {
		return nil, fmt.Errorf("list nodes: %w", err)
	}
	return all, nil
}

// ScheduledPods reads the pods of all namespaces that take room on a node.
func (c *Client) ScheduledPods(ctx context.Context) ([]corev1.Pod, error) {
	var all []corev1.Pod
	options := metav1.ListOptions{FieldSelector: "spec.nodeName!=,status.phase!=Succeeded,status.phase!=Failed"}
	err := pages(ctx, options, c.clientset.CoreV1().Pods(metav1.NamespaceAll).List,
		func(l *corev1.PodList) { all = append(all, l.Items...) })
	if err != nil {
		return nil, fmt.Errorf("list pods of all namespaces: %w", err)
	}
	return all, nil
}
