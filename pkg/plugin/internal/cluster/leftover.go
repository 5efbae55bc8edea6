package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
	"k8s.io/apimachinery/pkg/types"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
	"github.com/meshbench/kubectl-meshbench/pkg/core/workload"
)

// Leftovers lists what carries the label of a run in a namespace, and says what
// of it no run created; runID narrows it to one run unless it is empty.
func (c *Client) Leftovers(ctx context.Context, namespace, runID string) ([]kube.Object, error) {
	byRun, err := labels.NewRequirement(v1alpha1.LabelRunID, selection.Exists, nil)
	if runID != "" {
		byRun, err = labels.NewRequirement(v1alpha1.LabelRunID, selection.Equals, []string{runID})
	}
	if err != nil {
		return nil, fmt.Errorf("run id %q: %w", runID, err)
	}
	options := metav1.ListOptions{LabelSelector: labels.NewSelector().Add(*byRun).String()}
	var found []kube.Object
	var metas []metav1.ObjectMeta
	add := func(kind string, m metav1.ObjectMeta) {
		metas = append(metas, m)
		o := kube.Object{Kind: kind, Namespace: m.Namespace, Name: m.Name, UID: m.UID, RunID: m.Labels[v1alpha1.LabelRunID]}
		if alive, err := time.Parse(time.RFC3339, m.Annotations[annotationAliveAt]); err == nil {
			o.AliveAt = alive
		}
		found = append(found, o)
	}
	core := c.clientset.CoreV1()
	err = pages(ctx, options, again(core.Pods(namespace).List), func(l *corev1.PodList) {
		for _, o := range l.Items {
			add("pod", o.ObjectMeta)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("list pods in namespace %s: %w", namespace, err)
	}
	err = pages(ctx, options, again(core.Services(namespace).List), func(l *corev1.ServiceList) {
		for _, o := range l.Items {
			add("service", o.ObjectMeta)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("list services in namespace %s: %w", namespace, err)
	}
	err = pages(ctx, options, again(core.ConfigMaps(namespace).List), func(l *corev1.ConfigMapList) {
		for _, o := range l.Items {
			add("configmap", o.ObjectMeta)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("list configmaps in namespace %s: %w", namespace, err)
	}
	judge(found, metas)
	return found, nil
}

// judge says of each object whether a run created it.
func judge(found []kube.Object, metas []metav1.ObjectMeta) {
	owners := map[string]types.UID{}
	for i, o := range found {
		if o.Kind == "configmap" && workload.NotOurs(o.Kind, metas[i], nil) == "" {
			owners[o.Name] = o.UID
		}
	}
	for i, o := range found {
		found[i].NotOurs = workload.NotOurs(o.Kind, metas[i], owners)
	}
}

// Delete deletes exactly these objects, and waits until they are gone or ctx
// ends. It tries all of them, whatever fails.
func (c *Client) Delete(ctx context.Context, objects []kube.Object) error {
	var errs []error
	var ending []kube.Object
	for _, o := range objects {
		if o.NotOurs != "" {
			continue // whoever passes it on: it stays
		}
		err := c.deleteAgain(ctx, o)
		switch {
		case err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err):
			errs = append(errs, fmt.Errorf("delete %s: %w", o, err))
		case o.Kind == "pod":
			ending = append(ending, o)
		}
	}
	for _, o := range ending {
		err := c.WaitPod(ctx, o.Namespace, o.Name,
			func(p *corev1.Pod) (bool, error) { return p == nil || p.UID != o.UID, nil })
		if err != nil {
			errs = append(errs, fmt.Errorf("%s is still there: %w", o, err))
		}
	}
	return errors.Join(errs...)
}

// MayDelete asks the API server whether these objects could be deleted, and deletes
// none.
func (c *Client) MayDelete(ctx context.Context, objects []kube.Object) error {
	var errs []error
	for _, o := range objects {
		if o.NotOurs != "" {
			continue
		}
		if err := c.deleteAgain(ctx, o, metav1.DryRunAll); err != nil && !apierrors.IsNotFound(err) {
			errs = append(errs, fmt.Errorf("delete %s: %w", o, err))
		}
	}
	return errors.Join(errs...)
}

// deleteAgain tries until the API server has answered.
func (c *Client) deleteAgain(ctx context.Context, o kube.Object, dryRun ...string) error {
	_, err := retried(ctx, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, c.delete(ctx, o, dryRun)
	})
	return err
}

func (c *Client) delete(ctx context.Context, o kube.Object, dryRun []string) error {
	options := *metav1.NewPreconditionDeleteOptions(string(o.UID))
	options.DryRun = dryRun
	switch o.Kind {
	case "pod":
		return c.clientset.CoreV1().Pods(o.Namespace).Delete(ctx, o.Name, options)
	case "service":
		return c.clientset.CoreV1().Services(o.Namespace).Delete(ctx, o.Name, options)
	case "configmap":
		return c.clientset.CoreV1().ConfigMaps(o.Namespace).Delete(ctx, o.Name, options)
	default:
		return fmt.Errorf("a %s is nothing that a run creates", o.Kind)
	}
}
