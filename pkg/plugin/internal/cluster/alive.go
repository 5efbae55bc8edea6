package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/workload"
)

// annotationAliveAt on a run's owner tells `cleanup` a crashed run from one
// that goes on in another terminal.
const annotationAliveAt = v1alpha1.Group + "/alive-at"

// SayAlive writes on the run's owner that its plugin is alive at that instant.
func (c *Client) SayAlive(ctx context.Context, namespace, owner string, at time.Time) error {
	data, err := json.Marshal(map[string]any{"metadata": map[string]any{
		"annotations": map[string]string{annotationAliveAt: at.UTC().Format(time.RFC3339)},
	}})
	if err != nil {
		return fmt.Errorf("encode sign of life: %w", err)
	}
	_, err = retried(ctx, func(ctx context.Context) (*corev1.ConfigMap, error) {
		return c.clientset.CoreV1().ConfigMaps(namespace).Patch(ctx, owner, types.MergePatchType, data,
			metav1.PatchOptions{FieldManager: workload.FieldManager})
	})
	if err != nil {
		return fmt.Errorf("write sign of life on configmap %s/%s: %w", namespace, owner, err)
	}
	return nil
}
