package cluster

import (
	"context"
	"fmt"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
)

// Service reads one Service; nil if there is none of that name. It lists, which the
// shipped Role may.
func (c *Client) Service(ctx context.Context, namespace, name string) (*corev1.Service, error) {
	options := metav1.ListOptions{FieldSelector: fields.OneTermEqualSelector("metadata.name", name).String()}
	list, err := retriedFor(ctx, c.opening, func(ctx context.Context) (*corev1.ServiceList, error) {
		return c.clientset.CoreV1().Services(namespace).List(ctx, options)
	})
	if err != nil {
		return nil, fmt.Errorf("read Service %s in namespace %s: %w", name, namespace, err)
	}
	for i := range list.Items {
		if list.Items[i].Name == name {
			return &list.Items[i], nil
		}
	}
	return nil, nil
}

// SelectedPods lists the pods of a namespace with these labels, and none for no labels.
func (c *Client) SelectedPods(ctx context.Context, namespace string, with map[string]string) ([]corev1.Pod, error) {
	if len(with) == 0 {
		return nil, nil
	}
	var all []corev1.Pod
	list := func(ctx context.Context, o metav1.ListOptions) (*corev1.PodList, error) {
		return retriedFor(ctx, c.opening, func(ctx context.Context) (*corev1.PodList, error) {
			return c.clientset.CoreV1().Pods(namespace).List(ctx, o)
		})
	}
	err := pages(ctx, metav1.ListOptions{LabelSelector: labels.SelectorFromSet(with).String()}, list,
		func(l *corev1.PodList) { all = append(all, l.Items...) })
	if err != nil {
		return nil, fmt.Errorf("list pods in namespace %s: %w", namespace, err)
	}
	return all, nil
}

// Autoscalers lists those of a namespace.
func (c *Client) Autoscalers(ctx context.Context, namespace string) ([]autoscalingv2.HorizontalPodAutoscaler, error) {
	var all []autoscalingv2.HorizontalPodAutoscaler
	err := pages(ctx, metav1.ListOptions{}, c.clientset.AutoscalingV2().HorizontalPodAutoscalers(namespace).List,
		func(l *autoscalingv2.HorizontalPodAutoscalerList) { all = append(all, l.Items...) })
	if err != nil {
		return nil, fmt.Errorf("list horizontalpodautoscalers in namespace %s: %w", namespace, err)
	}
	return all, nil
}
