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
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/fake"
	k8stesting "k8s.io/client-go/testing"

	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
)

func TestApplyIsServerSideWithoutForce(t *testing.T) {
	clientset := fake.NewClientset()
	c := NewFor(clientset, "test")
	p := pod("shop", "ours", "r1")
	p.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"}
	p.UID = ""
	if _, err := c.ApplyPod(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	o := &corev1.ConfigMap{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"},
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "owner"}}
	if _, err := c.ApplyConfigMap(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	s := &corev1.Service{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Service"},
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "target"}}
	if _, err := c.ApplyService(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	applied := 0
	for _, a := range clientset.Actions() {
		patch, ok := a.(k8stesting.PatchActionImpl)
		if !ok {
			t.Errorf("%s %s is no patch", a.GetVerb(), a.GetResource().Resource)
			continue
		}
		applied++
		options := patch.GetPatchOptions()
		if patch.GetPatchType() != types.ApplyPatchType || options.FieldManager != "kubectl-meshbench" ||
			options.Force != nil && *options.Force {
			t.Errorf("%s: type %s, options %+v", patch.GetName(), patch.GetPatchType(), options)
		}
	}
	if applied != 3 {
		t.Errorf("%d objects were applied, want 3", applied)
	}
}

func TestDeleteNamesTheUID(t *testing.T) {
	clientset := fake.NewClientset(pod("shop", "ours", "r1"))
	c := NewFor(clientset, "test")
	if err := c.DeletePod(t.Context(), "shop", "ours", "uid-x"); err != nil {
		t.Fatal(err)
	}
	err := c.Delete(t.Context(), []kube.Object{
		{Kind: "pod", Namespace: "shop", Name: "a", UID: "1"},
		{Kind: "service", Namespace: "shop", Name: "b", UID: "2"},
		{Kind: "configmap", Namespace: "shop", Name: "c", UID: "3"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]types.UID{"ours": "uid-x", "a": "1", "b": "2", "c": "3"}
	for _, a := range clientset.Actions() {
		d, ok := a.(k8stesting.DeleteActionImpl)
		if !ok {
			continue
		}
		p := d.GetDeleteOptions().Preconditions
		if p == nil || p.UID == nil || *p.UID != want[d.GetName()] {
			t.Errorf("delete %s has preconditions %v, want uid %s", d.GetName(), p, want[d.GetName()])
		}
		delete(want, d.GetName())
	}
	if len(want) > 0 {
		t.Errorf("never deleted: %v", want)
	}
}

func TestWaitPodSeesAtOnceThatAPodIsGone(t *testing.T) {
	c := NewFor(fake.NewClientset(pod("shop", "other", "")), "test")
	calls := 0
	err := c.WaitPod(t.Context(), "shop", "gone", func(p *corev1.Pod) (bool, error) {
		calls++
		return p == nil, nil
	})
	if err != nil || calls != 1 {
		t.Errorf("error %v after %d calls, want 1", err, calls)
	}
}

func TestWaitPodReturnsWhatDoneReturns(t *testing.T) {
	c := NewFor(fake.NewClientset(pod("shop", "ours", "r1")), "test")
	broken := errors.New("broken")
	if err := c.WaitPod(t.Context(), "shop", "ours",
		func(*corev1.Pod) (bool, error) { return false, broken }); !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
}

func TestEndedContextGivesItsCause(t *testing.T) {
	stopped := errors.New("Ctrl-C")
	t.Run("wait", func(t *testing.T) {
		c := NewFor(fake.NewClientset(pod("shop", "ours", "r1")), "test")
		ctx, stop := context.WithCancelCause(t.Context())
		err := c.WaitPod(ctx, "shop", "ours", func(*corev1.Pod) (bool, error) {
			stop(stopped)
			return false, nil
		})
		if !errors.Is(err, stopped) {
			t.Errorf("error %v, want %v", err, stopped)
		}
	})
	t.Run("outage", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c, _ := unreachable(1 << 30)
			ctx, stop := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Second, func() { stop(stopped) })
			if _, err := c.GetPod(ctx, "shop", "ours"); !errors.Is(err, stopped) || !errors.Is(err, syscall.ECONNREFUSED) {
				t.Errorf("error %v, want %v and the outage", err, stopped)
			}
		})
	})
}

func TestOutageIsRetriedUntilItsLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, calls := unreachable(3)
		if p, err := c.GetPod(t.Context(), "shop", "ours"); err != nil || p == nil || *calls != 4 {
			t.Errorf("pod %v, error %v after %d calls, want it at the 4th", p, err, *calls)
		}
		c, _ = unreachable(1 << 30)
		begun := time.Now()
		if _, err := c.GetPod(t.Context(), "shop", "ours"); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("error %v, want a refused connection", err)
		}
		if took := time.Since(begun); took > kube.OutageLimit || took < kube.OutageLimit/2 {
			t.Errorf("gave up after %s, want about %s", took, kube.OutageLimit)
		}
	})
}

func TestRefusalIsNotRetried(t *testing.T) {
	clientset := fake.NewClientset()
	calls := 0
	clientset.PrependReactor("get", "pods", func(k8stesting.Action) (bool, runtime.Object, error) {
		calls++
		return true, nil, errors.New("no")
	})
	if _, err := NewFor(clientset, "test").GetPod(t.Context(), "shop", "ours"); err == nil || calls != 1 {
		t.Errorf("error %v after %d calls, want one call", err, calls)
	}
}

// unreachable is a cluster whose first calls find nobody there.
func unreachable(failures int) (*Client, *int) {
	clientset := fake.NewClientset(pod("shop", "ours", "r1"))
	calls := 0
	clientset.PrependReactor("get", "pods", func(k8stesting.Action) (bool, runtime.Object, error) {
		calls++
		if calls <= failures {
			return true, nil, fmt.Errorf("dial: %w", syscall.ECONNREFUSED)
		}
		return false, nil, nil
	})
	return NewFor(clientset, "test"), &calls
}
