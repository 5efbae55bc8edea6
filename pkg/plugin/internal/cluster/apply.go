package cluster

import (
	"context"
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/meshbench/kubectl-meshbench/pkg/core/workload"
)

// ApplyConfigMap applies a ConfigMap server-side and returns it as stored.
func (c *Client) ApplyConfigMap(ctx context.Context, o *corev1.ConfigMap) (*corev1.ConfigMap, error) {
	return apply(ctx, "configmap", o.ObjectMeta, o, c.clientset.CoreV1().ConfigMaps(o.Namespace).Patch)
}

// ApplyService applies a Service server-side and returns it as stored.
func (c *Client) ApplyService(ctx context.Context, o *corev1.Service) (*corev1.Service, error) {
	return apply(ctx, "service", o.ObjectMeta, o, c.clientset.CoreV1().Services(o.Namespace).Patch)
}

// ApplyPod applies a Pod server-side and returns it as stored. If the answer to
// the first try is lost, the pod may be there: a mesh may have changed it, and it
// cannot be changed back, so it is not applied again.
func (c *Client) ApplyPod(ctx context.Context, o *corev1.Pod) (*corev1.Pod, error) {
	pods, tried := c.clientset.CoreV1().Pods(o.Namespace), false
	return apply(ctx, "pod", o.ObjectMeta, o,
		func(ctx context.Context, name string, pt types.PatchType, data []byte, opts metav1.PatchOptions,
			subresources ...string) (*corev1.Pod, error) {
			if tried {
				if stored, err := pods.Get(ctx, name, metav1.GetOptions{}); !apierrors.IsNotFound(err) {
					return stored, err
				}
			}
			tried = true
			return pods.Patch(ctx, name, pt, data, opts, subresources...)
		})
}

type patch[T any] func(ctx context.Context, name string, pt types.PatchType, data []byte, opts metav1.PatchOptions,
	subresources ...string) (T, error)

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
