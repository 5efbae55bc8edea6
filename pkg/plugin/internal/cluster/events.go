package cluster

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"

	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
)

// PodEvents are those on one pod.
func (c *Client) PodEvents(ctx context.Context, namespace string, uid types.UID) ([]kube.Event, error) {
	options := metav1.ListOptions{FieldSelector: fields.OneTermEqualSelector("involvedObject.uid", string(uid)).String()}
	var found []kube.Event
	err := pages(ctx, options, c.clientset.CoreV1().Events(namespace).List, func(l *corev1.EventList) {
		for _, e := range l.Items {
			if e.InvolvedObject.UID != uid {
				continue
			}
			from := e.ReportingController
			if from == "" {
				from = e.Source.Component
			}
			found = append(found, kube.Event{Reason: e.Reason, Message: e.Message, From: from, At: lastSaid(e)})
		}
	})
	if err != nil {
		return nil, fmt.Errorf("list events in namespace %s: %w", namespace, err)
	}
	return found, nil
}

// lastSaid is the latest instant that an event carries: old and new recorders
// keep it in different places.
func lastSaid(e corev1.Event) time.Time {
	last := e.CreationTimestamp.Time
	all := []time.Time{e.FirstTimestamp.Time, e.LastTimestamp.Time, e.EventTime.Time}
	if e.Series != nil {
		all = append(all, e.Series.LastObservedTime.Time)
	}
	for _, at := range all {
		if at.After(last) {
			last = at
		}
	}
	return last
}
