package runner

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/pkg/core/workload"
)

// fake is a cluster in memory: pods start at once, and load pods log what a
// script says.
type fake struct {
	mu      sync.Mutex
	stored  map[string]metav1.Object // by kind/namespace/name
	changed chan struct{}            // closed at the next change
	uids    int
	calls   []string
	reads   map[string]int // logs opened, by pod
	// opened are the instants at which a log was first opened: what a worker has
	// written stays as it is.
	opened map[string]time.Time

	// log gives the nth log stream of a load pod, counted from 1.
	log func(ctx context.Context, f *fake, pod *corev1.Pod, spec wire.LoadSpec, nth int) (io.ReadCloser, error)
	// target gives the log of a target from an instant on.
	target func(ctx context.Context, key wire.Key, since time.Time) (io.ReadCloser, error)
	// refuse may keep an object out.
	refuse func(kind string, o metav1.Object) error
	// lose may lose the answer to an object's creation.
	lose func(kind string, o metav1.Object) error
	// start may change the status a pod starts with.
	start func(*corev1.Pod)
	// deleteErr fails every Delete.
	deleteErr error
	// stuck is a namespace in which no deletion comes to an end.
	stuck string
	// events gives those on a pod.
	events func(pod types.UID) ([]kube.Event, error)
	// alive are the instants at which an owner was said to be alive, by namespace.
	alive map[string][]time.Time
}

func newFake() *fake {
	return &fake{
		stored: map[string]metav1.Object{}, changed: make(chan struct{}), reads: map[string]int{},
		opened: map[string]time.Time{},
		alive:  map[string][]time.Time{},
		log: func(_ context.Context, _ *fake, _ *corev1.Pod, spec wire.LoadSpec, _ int) (io.ReadCloser, error) {
			return whole(spec), nil
		},
		target: func(ctx context.Context, _ wire.Key, _ time.Time) (io.ReadCloser, error) {
			return endless{ctx: ctx, said: strings.NewReader("")}, nil
		},
		refuse: func(string, metav1.Object) error { return nil },
		lose:   func(string, metav1.Object) error { return nil },
		start:  func(*corev1.Pod) {},
		events: func(types.UID) ([]kube.Event, error) { return nil, nil },
	}
}

func key(kind, namespace, name string) string { return kind + "/" + namespace + "/" + name }

// change tells everyone who waits; mu is held.
func (f *fake) change() {
	close(f.changed)
	f.changed = make(chan struct{})
}

func (f *fake) apply(kind string, o metav1.Object) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, "apply "+kind+" "+o.GetNamespace()+"/"+o.GetName())
	if err := f.refuse(kind, o); err != nil {
		return err
	}
	f.uids++
	o.SetUID(types.UID(fmt.Sprint("uid-", f.uids)))
	f.stored[key(kind, o.GetNamespace(), o.GetName())] = o
	f.change()
	return f.lose(kind, o)
}

func (f *fake) ApplyConfigMap(_ context.Context, o *corev1.ConfigMap) (*corev1.ConfigMap, error) {
	o = o.DeepCopy()
	return o, f.apply("configmap", o)
}

func (f *fake) ApplyService(_ context.Context, o *corev1.Service) (*corev1.Service, error) {
	o = o.DeepCopy()
	return o, f.apply("service", o)
}

func (f *fake) ApplyPod(_ context.Context, o *corev1.Pod) (*corev1.Pod, error) {
	if have, _ := f.pod(o.Namespace, o.Name); have != nil {
		// A mesh has changed the pod, and what a pod is made of cannot be changed back.
		return nil, apierrors.NewInvalid(corev1.SchemeGroupVersion.WithKind("Pod").GroupKind(), o.Name, nil)
	}
	o = o.DeepCopy()
	o.Spec.NodeName = "node-1"
	o.Status.Phase = corev1.PodRunning
	o.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}
	o.Status.ContainerStatuses = []corev1.ContainerStatus{{
		Name: workload.ContainerName, Image: o.Spec.Containers[0].Image,
		State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}},
	}}
	f.start(o)
	err := f.apply("pod", o)
	return o.DeepCopy(), err
}

func (f *fake) pod(namespace, name string) (*corev1.Pod, <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	pod, _ := f.stored[key("pod", namespace, name)].(*corev1.Pod)
	return pod.DeepCopy(), f.changed
}

func (f *fake) WaitPod(ctx context.Context, namespace, name string, done func(*corev1.Pod) (bool, error)) error {
	for {
		pod, changed := f.pod(namespace, name)
		if ok, err := done(pod); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for pod: %w", context.Cause(ctx))
		case <-changed:
		}
	}
}

func (f *fake) GetPod(_ context.Context, namespace, name string) (*corev1.Pod, error) {
	pod, _ := f.pod(namespace, name)
	return pod, nil
}

func (f *fake) DeletePod(ctx context.Context, namespace, name string, uid types.UID) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, "delete pod "+namespace+"/"+name)
	if o := f.stored[key("pod", namespace, name)]; o != nil && o.GetUID() == uid {
		delete(f.stored, key("pod", namespace, name))
		f.change()
	}
	return nil
}

func (f *fake) EndPod(ctx context.Context, namespace, name string, uid types.UID, grace time.Duration) error {
	f.mu.Lock()
	f.calls = append(f.calls, fmt.Sprintf("end pod %s/%s within %s", namespace, name, grace))
	f.mu.Unlock()
	return f.DeletePod(ctx, namespace, name, uid)
}

func (f *fake) PodEvents(_ context.Context, _ string, uid types.UID) ([]kube.Event, error) {
	return f.events(uid)
}

func (f *fake) Log(ctx context.Context, namespace, name, _ string) (io.ReadCloser, error) {
	pod, _ := f.pod(namespace, name)
	if pod == nil {
		return nil, fmt.Errorf("no pod %s", name)
	}
	if pod.Spec.Containers[0].Args[0] == "target" {
		return f.target(ctx, keyOf(pod), time.Time{})
	}
	spec, err := wire.ParseLoadSpec([]byte(pod.Spec.Containers[0].Args[2]))
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	f.reads[name]++
	nth := f.reads[name]
	first, ok := f.opened[name]
	if !ok {
		first = time.Now().UTC()
		f.opened[name] = first
	}
	if spec.StartAt == nil {
		spec.StartAt = &first
	}
	f.calls = append(f.calls, "log "+namespace+"/"+name)
	f.mu.Unlock()
	return f.log(ctx, f, pod, spec, nth)
}

func (f *fake) LogFrom(ctx context.Context, namespace, name, _ string, since time.Time) (io.ReadCloser, error) {
	pod, _ := f.pod(namespace, name)
	if pod == nil {
		return nil, fmt.Errorf("no pod %s", name)
	}
	return f.target(ctx, keyOf(pod), since)
}

// keyOf is the key that a target was told.
func keyOf(target *corev1.Pod) (key wire.Key) {
	args := target.Spec.Containers[0].Args
	if i := slices.Index(args, "--key"); i >= 0 && key.UnmarshalText([]byte(args[i+1])) == nil {
		return key
	}
	return wire.Key{}
}

func (f *fake) Leftovers(ctx context.Context, namespace, run string) ([]kube.Object, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var found []kube.Object
	for _, k := range slices.Sorted(maps.Keys(f.stored)) {
		o := f.stored[k]
		if o.GetNamespace() == namespace && o.GetLabels()[v1alpha1.LabelRunID] == run {
			found = append(found,
				kube.Object{Kind: strings.SplitN(k, "/", 2)[0], Namespace: namespace, Name: o.GetName(), UID: o.GetUID(),
					RunID: run})
		}
	}
	return found, nil
}

func (f *fake) Delete(ctx context.Context, objects []kube.Object) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if len(objects) > 0 && objects[0].Namespace == f.stuck {
		<-ctx.Done()
		return ctx.Err()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.deleteErr != nil {
		return f.deleteErr
	}
	for _, o := range objects {
		k := key(o.Kind, o.Namespace, o.Name)
		if stored := f.stored[k]; stored != nil && stored.GetUID() == o.UID {
			f.calls = append(f.calls, "sweep "+o.Kind+" "+o.Namespace+"/"+o.Name)
			delete(f.stored, k)
		}
	}
	f.change()
	return nil
}

func (f *fake) SayAlive(_ context.Context, namespace, _ string, at time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.alive[namespace] = append(f.alive[namespace], at)
	return nil
}

// vanish is somebody else deleting an object.
func (f *fake) vanish(kind, namespace, name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.stored, key(kind, namespace, name))
	f.change()
}

// left are the keys of what is stored, sorted.
func (f *fake) left() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Sorted(maps.Keys(f.stored))
}

// endless is a log that says what it has and then nothing until ctx ends.
type endless struct {
	ctx  context.Context
	said io.Reader
}

func (e endless) Read(p []byte) (int, error) {
	if n, _ := e.said.Read(p); n > 0 {
		return n, nil
	}
	<-e.ctx.Done()
	return 0, e.ctx.Err()
}

func (endless) Close() error { return nil }

func closer(data []byte) io.ReadCloser { return io.NopCloser(bytes.NewReader(data)) }

func (f *fake) Service(_ context.Context, namespace, name string) (*corev1.Service, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, _ := f.stored[key("service", namespace, name)].(*corev1.Service)
	return s, nil
}

func (f *fake) SelectedPods(_ context.Context, namespace string, with map[string]string) ([]corev1.Pod, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []corev1.Pod
	for _, o := range f.stored {
		pod, ok := o.(*corev1.Pod)
		if ok && pod.Namespace == namespace && labels.SelectorFromSet(with).Matches(labels.Set(pod.Labels)) {
			all = append(all, *pod)
		}
	}
	return all, nil
}
