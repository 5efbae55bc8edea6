package cluster

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Namespace is what meshbench reads of a namespace.
type Namespace struct {
	Name        string
	Annotations map[string]string
	Labels      map[string]string
	// Terminating: it is being deleted, and takes no new objects.
	Terminating bool
}

// Namespace reads one namespace.
func (c *Client) Namespace(ctx context.Context, name string) (Namespace, error) {
	ns, err := c.clientset.CoreV1().Namespaces().Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return Namespace{}, fmt.Errorf("read namespace %s: %w", name, err)
	}
	return Namespace{Name: ns.Name, Annotations: ns.Annotations, Labels: ns.Labels, Terminating: ns.DeletionTimestamp != nil}, nil
}

// AnnotatedNamespaces lists the namespaces that carry the role annotation, by
// name. It needs the right to list namespaces.
func (c *Client) AnnotatedNamespaces(ctx context.Context) ([]Namespace, error) {
	list, err := c.clientset.CoreV1().Namespaces().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list namespaces: %w", err)
	}
	var found []Namespace
	for _, ns := range list.Items {
		if _, ok := ns.Annotations[v1alpha1.AnnotationRole]; ok && ns.DeletionTimestamp == nil {
			found = append(found, Namespace{Name: ns.Name, Annotations: ns.Annotations, Labels: ns.Labels})
		}
	}
	return found, nil
}
