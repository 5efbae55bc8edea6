package cluster

import (
	"context"
	"fmt"
	"io"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
	watchtools "k8s.io/client-go/tools/watch"
)

// WaitPod calls done with the pod's state, now and at each change, until it
// returns true or an error. A pod that does not exist is nil. Interrupted
// watches are taken up again; only ctx bounds the wait.
func (c *Client) WaitPod(ctx context.Context, namespace, name string, done func(*corev1.Pod) (bool, error)) error {
	pods := c.clientset.CoreV1().Pods(namespace)
	only := fields.OneTermEqualSelector(metav1.ObjectNameField, name).String()
	source := &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
			o.FieldSelector = only
			return pods.List(ctx, o)
		},
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			o.FieldSelector = only
			return pods.Watch(ctx, o)
		},
	}
	key := cache.NewObjectName(namespace, name).String()
	gone := func(store cache.Store) (bool, error) {
		if _, exists, err := store.GetByKey(key); err != nil || exists {
			return false, err // its state arrives as an event
		}
		return done(nil)
	}
	_, err := watchtools.UntilWithSync(ctx, cache.ToListWatcherWithWatchListSemantics(source, c.clientset), &corev1.Pod{},
		gone, func(e watch.Event) (bool, error) {
			pod, ok := e.Object.(*corev1.Pod)
			if !ok || pod.Name != name {
				return false, nil
			}
			if e.Type == watch.Deleted {
				pod = nil
			}
			return done(pod)
		})
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("wait for pod %s/%s: %w", namespace, name, context.Cause(ctx))
	}
	return err
}

// GetPod returns the pod, or nil if there is none.
func (c *Client) GetPod(ctx context.Context, namespace, name string) (*corev1.Pod, error) {
	pod, err := retried(ctx, func(ctx context.Context) (*corev1.Pod, error) {
		return c.clientset.CoreV1().Pods(namespace).Get(ctx, name, metav1.GetOptions{})
	})
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read pod %s/%s: %w", namespace, name, err)
	}
	return pod, nil
}

// Log opens a container's log from its beginning and follows it until the
// container ends.
func (c *Client) Log(ctx context.Context, namespace, pod, container string) (io.ReadCloser, error) {
	stream, err := c.clientset.CoreV1().Pods(namespace).GetLogs(pod,
		&corev1.PodLogOptions{Container: container, Follow: true}).Stream(ctx)
	if err != nil {
		return nil, fmt.Errorf("read log of pod %s/%s: %w", namespace, pod, err)
	}
	return stream, nil
}

// LogFrom follows a container's log from an instant on, by the clock of its
// node, cut to seconds; from its last line if the instant is zero. A log that
// the kubelet begins anew meanwhile is followed.
func (c *Client) LogFrom(ctx context.Context, namespace, pod, container string, since time.Time) (io.ReadCloser,
	error) {
	options := &corev1.PodLogOptions{Container: container, Follow: true}
	if last := int64(1); since.IsZero() {
		options.TailLines = &last
	} else {
		options.SinceTime = &metav1.Time{Time: since}
	}
	stream, err := c.clientset.CoreV1().Pods(namespace).GetLogs(pod, options).Stream(ctx)
	if err != nil {
		return nil, fmt.Errorf("read log of pod %s/%s: %w", namespace, pod, err)
	}
	return stream, nil
}

// DeletePod deletes a pod if it is still the one with that uid. A pod that is
// gone or has been replaced is no error.
func (c *Client) DeletePod(ctx context.Context, namespace, name string, uid types.UID) error {
	return c.deletePod(ctx, namespace, name, *metav1.NewPreconditionDeleteOptions(string(uid)))
}

// EndPod is DeletePod with another grace than the pod's own, cut to seconds. Without any
// the API server forgets the pod at once, and its kubelet ends it as fast as it can.
func (c *Client) EndPod(ctx context.Context, namespace, name string, uid types.UID, grace time.Duration) error {
	options := metav1.NewPreconditionDeleteOptions(string(uid))
	seconds := int64(grace.Seconds())
	options.GracePeriodSeconds = &seconds
	return c.deletePod(ctx, namespace, name, *options)
}

func (c *Client) deletePod(ctx context.Context, namespace, name string, options metav1.DeleteOptions) error {
	_, err := retried(ctx, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, c.clientset.CoreV1().Pods(namespace).Delete(ctx, name, options)
	})
	if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
		return fmt.Errorf("delete pod %s/%s: %w", namespace, name, err)
	}
	return nil
}
