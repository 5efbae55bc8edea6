package cluster

import (
	"context"
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/meshbench/kubectl-meshbench/pkg/core/workload"
)

// DryRunPod sends a pod through the whole of admission without storing it, and
// returns it as it would have been stored: changed by webhooks, with the
// defaults of limit ranges. The error is the API server's refusal.
func (c *Client) DryRunPod(ctx context.Context, o *corev1.Pod) (*corev1.Pod, error) {
	data, err := json.Marshal(o)
	if err != nil {
		return nil, fmt.Errorf("encode pod %s/%s: %w", o.Namespace, o.Name, err)
	}
	return retried(ctx, func(ctx context.Context) (*corev1.Pod, error) {
		return c.clientset.CoreV1().Pods(o.Namespace).Patch(ctx, o.Name, types.ApplyPatchType, data,
			metav1.PatchOptions{FieldManager: workload.FieldManager, DryRun: []string{metav1.DryRunAll}})
	})
}
