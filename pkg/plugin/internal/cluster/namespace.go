package cluster

import (
	"context"
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
	"github.com/meshbench/kubectl-meshbench/pkg/core/workload"
)

// Namespace reads one namespace.
func (c *Client) Namespace(ctx context.Context, name string) (kube.Namespace, error) {
	ns, err := retriedFor(ctx, c.opening, func(ctx context.Context) (*corev1.Namespace, error) {
		return c.clientset.CoreV1().Namespaces().Get(ctx, name, metav1.GetOptions{})
	})
	if err != nil {
		return kube.Namespace{}, fmt.Errorf("read namespace %s: %w", name, err)
	}
	return kube.Namespace{Name: ns.Name, Annotations: ns.Annotations, Labels: ns.Labels,
		Terminating: ns.DeletionTimestamp != nil}, nil
}

// AnnotatedNamespaces lists the namespaces that carry the role annotation, by
// name. It needs the right to list namespaces.
func (c *Client) AnnotatedNamespaces(ctx context.Context) ([]kube.Namespace, error) {
	var found []kube.Namespace
	list := func(ctx context.Context, o metav1.ListOptions) (*corev1.NamespaceList, error) {
		return retriedFor(ctx, c.opening, func(ctx context.Context) (*corev1.NamespaceList, error) {
			return c.clientset.CoreV1().Namespaces().List(ctx, o)
		})
	}
	err := pages(ctx, metav1.ListOptions{}, list, func(l *corev1.NamespaceList) {
		for _, ns := range l.Items {
			if _, ok := ns.Annotations[v1alpha1.AnnotationRole]; ok && ns.DeletionTimestamp == nil {
				found = append(found, kube.Namespace{Name: ns.Name, Annotations: ns.Annotations, Labels: ns.Labels})
			}
		}
	})
	if err != nil {
		return nil, fmt.Errorf("list namespaces: %w", err)
	}
	return found, nil
}

// ApplyNamespace applies a namespace server-side; a dry run changes nothing. A
// field that somebody else has set otherwise is a conflict, not overwritten.
func (c *Client) ApplyNamespace(ctx context.Context, ns *corev1.Namespace, dryRun bool) error {
	data, err := json.Marshal(ns)
	if err != nil {
		return fmt.Errorf("encode namespace %s: %w", ns.Name, err)
	}
	options := metav1.PatchOptions{FieldManager: workload.FieldManager}
	if dryRun {
		options.DryRun = []string{metav1.DryRunAll}
	}
	_, err = retried(ctx, func(ctx context.Context) (*corev1.Namespace, error) {
		return c.clientset.CoreV1().Namespaces().Patch(ctx, ns.Name, types.ApplyPatchType, data, options)
	})
	if err != nil {
		return fmt.Errorf("apply namespace %s: %w", ns.Name, err)
	}
	return nil
}
