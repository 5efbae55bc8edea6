package cluster

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/fake"
	k8stesting "k8s.io/client-go/testing"

	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
)

// An API server that is away for a moment leaves nothing behind.
func TestCleanUpOutlastsAnOutage(t *testing.T) {
	for _, verb := range []string{"list", "delete"} {
		for _, resource := range []string{"pods", "services", "configmaps"} {
			t.Run(verb+" "+resource, func(t *testing.T) {
				meta := func(name string) metav1.ObjectMeta {
					m := made("shop", name, "r1").ObjectMeta
					m.Labels["app.kubernetes.io/component"] = name
					return m
				}
				clientset := fake.NewClientset(&corev1.Pod{ObjectMeta: meta("target")}, &corev1.Service{ObjectMeta: meta("target")},
					&corev1.ConfigMap{ObjectMeta: meta("owner")})
				away := true
				clientset.PrependReactor(verb, resource, func(k8stesting.Action) (bool, runtime.Object, error) {
					if away {
						away = false
						return true, nil, fmt.Errorf("dial: %w", syscall.ECONNREFUSED)
					}
					return false, nil, nil
				})
				c := NewFor(clientset, "test")
				ctx, stop := context.WithTimeout(t.Context(), time.Minute)
				defer stop()
				objects, err := c.Leftovers(ctx, "shop", "r1")
				if err != nil {
					t.Fatal(err)
				}
				if err := c.Delete(ctx, objects); err != nil {
					t.Fatal(err)
				}
				if left, err := c.Leftovers(ctx, "shop", "r1"); err != nil || len(left) > 0 || away {
					t.Errorf("error %v, left %v, asked %v", err, left, !away)
				}
			})
		}
	}
}

// Nobody waits for the end of a pod that was not told to end.
func TestDeleteDoesNotWaitForWhatItMayNotDelete(t *testing.T) {
	clientset := fake.NewClientset(pod("shop", "ours", "r1"))
	clientset.PrependReactor("delete", "pods", func(k8stesting.Action) (bool, runtime.Object, error) {
		return true, nil, apierrors.NewForbidden(schema.GroupResource{Resource: "pods"}, "ours", errors.New("no"))
	})
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	err := NewFor(clientset, "test").Delete(ctx,
		[]kube.Object{{Kind: "pod", Namespace: "shop", Name: "ours", UID: "uid-x"}})
	for _, a := range clientset.Actions() {
		if a.GetVerb() == "watch" {
			t.Errorf("it waits: %v", a)
		}
	}
	if !apierrors.IsForbidden(err) {
		t.Errorf("error %v, want the refusal", err)
	}
}

// The answer to a creation may be lost, and a mesh may have changed the pod.
func TestApplyPodFindsWhatALostAnswerCreated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clientset := fake.NewClientset()
		stored := pod("shop", "ours", "r1")
		calls := 0
		clientset.PrependReactor("patch", "pods", func(k8stesting.Action) (bool, runtime.Object, error) {
			if calls++; calls > 1 {
				return true, nil, apierrors.NewInvalid(schema.GroupKind{Kind: "Pod"}, "ours", nil)
			}
			if err := clientset.Tracker().Add(stored); err != nil {
				t.Error(err)
			}
			return true, nil, fmt.Errorf("read: %w", syscall.ECONNRESET)
		})
		wanted := pod("shop", "ours", "r1")
		wanted.UID = ""
		got, err := NewFor(clientset, "test").ApplyPod(t.Context(), wanted)
		if err != nil || got.UID != stored.UID {
			t.Errorf("pod %+v, error %v; want the one that is stored", got, err)
		}
	})
}
