package cluster

import (
	"context"
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/meshbench/kubectl-meshbench/pkg/workload"
)

// ApplyConfigMap applies a ConfigMap server-side and returns it as stored.
func (c *Client) ApplyConfigMap(ctx context.Context, o *corev1.ConfigMap) (*corev1.ConfigMap, error) {
	return apply(ctx, "configmap", o.ObjectMeta, o, c.clientset.CoreV1().ConfigMaps(o.Namespace).Patch)
}

// ApplyService applies a Service server-side and returns it as stored.
func (c *Client) ApplyService(ctx context.Context, o *corev1.Service) (*corev1.Service, error) {
	return apply(ctx, "service", o.ObjectMeta, o, c.clientset.CoreV1().Services(o.Namespace).Patch)
}

// ApplyPod applies a Pod server-side and returns it as stored.
func (c *Client) ApplyPod(ctx context.Context, o *corev1.Pod) (*corev1.Pod, error) {
	return apply(ctx, "pod", o.ObjectMeta, o, c.clientset.CoreV1().Pods(o.Namespace).Patch)
}

type patch[T any] func(ctx context.Context, name string, pt types.PatchType, data []byte, opts metav1.PatchOptions, subresources ...string) (T, error)

func apply[T any](ctx context.Context, kind string, meta metav1.ObjectMeta, object any, send patch[T]) (T, error) {
	var none T
	data, err := json.Marshal(object)
	if err != nil {
		return none, fmt.Errorf("encode %s %s/%s: %w", kind, meta.Namespace, meta.Name, err)
	}
	// No force: the names are unique to the run, so a conflict is a surprise
	// that must be seen.
	stored, err := retried(ctx, func(ctx context.Context) (T, error) {
		return send(ctx, meta.Name, types.ApplyPatchType, data, metav1.PatchOptions{FieldManager: workload.FieldManager})
	})
	if err != nil {
		return none, fmt.Errorf("create %s %s in namespace %s: %w", kind, meta.Name, meta.Namespace, err)
	}
	return stored, nil
}
