package loopback

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

const (
	container = "meshbench"
	component = "app.kubernetes.io/component"
)

// pods are scheduler and kubelet: they start the worker for each pod that is
// placed, and write its status.
type pods struct {
	scenario Scenario
	store    *store
	worker   string
	faults   *faults
	kubelets kubelets

	mu      sync.Mutex
	running map[place]*process
	asked   int // load pods that admission was asked for
	waited  int // pods that had to wait for a node
	closed  bool
}

func isLoad(o *object) bool { return o.GetLabels()[component] == "load" }

// admit applies the scenario's admission. What it returns is why not.
func (p *pods) admit(o *object) *Admission {
	p.mu.Lock()
	if isLoad(o) {
		p.asked++
	}
	asked := p.asked
	p.mu.Unlock()
	for _, a := range p.scenario.Admission {
		if a.Has != "" && !has(o, a.Has) || a.Lacks != "" && has(o, a.Lacks) || a.FromLoadPod > asked ||
			a.In != "" && a.In != o.GetNamespace() {
			continue
		}
		if a.Merge == nil && a.Container == nil {
			return &a
		}
		merge(o.Object, runtime.DeepCopyJSON(a.Merge))
		all, _, _ := unstructured.NestedSlice(o.Object, "spec", "containers")
		for _, c := range all {
			if c, ok := c.(map[string]any); ok && c["name"] == container {
				merge(c, runtime.DeepCopyJSON(a.Container))
			}
		}
		_ = unstructured.SetNestedSlice(o.Object, all, "spec", "containers")
	}
	return nil
}

func has(o *object, path string) bool {
	_, found, _ := unstructured.NestedFieldNoCopy(o.Object, strings.Split(path, ".")...)
	return found
}

// begin brings a pod up, in the background.
func (p *pods) begin(at place, o *object) {
	p.set(at, o, func(pod *corev1.Pod) {
		pod.Status.Phase, pod.Status.QOSClass = corev1.PodPending, corev1.PodQOSBurstable
	})
	go p.live(at, o)
}

// set changes a pod, if it is still the same.
func (p *pods) set(at place, o *object, change func(*corev1.Pod)) {
	p.store.edit(at, func(have *object) *object {
		if have == nil || have.GetUID() != o.GetUID() {
			return nil
		}
		pod := typed(have)
		change(pod)
		content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(pod)
		if err != nil {
			return nil
		}
		content["apiVersion"], content["kind"] = "v1", "Pod"
		return &object{Object: content}
	})
}

func typed(o *object) *corev1.Pod {
	var pod corev1.Pod
	_ = runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, &pod) // it came through the API as a pod
	return &pod
}

func (p *pods) live(at place, o *object) {
	load := isLoad(o)
	node := p.scenario.Place.Target
	if load {
		node = p.scenario.Place.Load
	}
	if node == "" || p.mustWait() {
		p.set(at, o, func(pod *corev1.Pod) {
			pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse,
				Reason: corev1.PodReasonUnschedulable, Message: p.scenario.Place.Message}}
		})
		p.say(at, o)
		if node == "" {
			return
		}
		time.Sleep(p.scenario.Place.Pending.Duration)
	}
	if p.scenario.Waiting != nil {
		p.set(at, o, func(pod *corev1.Pod) {
			placed(pod, node)
			pod.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: container,
				State: corev1.ContainerState{Waiting: p.scenario.Waiting}}}
		})
		return
	}
	p.run(at, o, node, load)
}

// mustWait reports whether a pod waits for a node.
func (p *pods) mustWait() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waited++
	most := p.scenario.Place.PendingPods
	return p.scenario.Place.Pending.Duration > 0 && (most == 0 || p.waited <= most)
}

// say stores the scenario's events on a pod.
func (p *pods) say(at place, o *object) {
	for i, e := range p.scenario.Place.Events {
		event := &object{Object: map[string]any{
			"apiVersion": "v1", "kind": "Event", "reason": e.Reason, "message": e.Message,
			"involvedObject": map[string]any{"kind": "Pod", "namespace": at.namespace, "name": at.name,
				"uid": string(o.GetUID())},
			"source":        map[string]any{"component": e.From},
			"lastTimestamp": metav1.Now().UTC().Format(time.RFC3339),
		}}
		event.SetNamespace(at.namespace)
		event.SetName(fmt.Sprintf("%s.%d", at.name, i))
		p.store.edit(place{"events", at.namespace, event.GetName()}, func(*object) *object { return event })
	}
}

// run runs a pod's worker, again and again where the pod wants it.
func (p *pods) run(at place, o *object, node string, load bool) {
	p.set(at, o, func(pod *corev1.Pod) { placed(pod, node) })
	for restarts := int32(0); ; restarts++ {
		p.kubelets.wait(node)
		if !p.there(at, o) {
			return
		}
		run, err := p.start(at, typed(o), node, load)
		if err != nil {
			fmt.Fprintln(os.Stderr, "loopback:", err)
			return
		}
		p.set(at, o, func(pod *corev1.Pod) { running(pod, node, restarts) })
		if load {
			p.faults.loadPodStarted()
		}
		if !p.there(at, o) {
			_ = run.command.Process.Kill() // deleted while it began
		}
		failed := run.command.Wait()
		p.kubelets.wait(node)
		run.output.end()
		again := typed(o).Spec.RestartPolicy == corev1.RestartPolicyAlways
		p.set(at, o, func(pod *corev1.Pod) { ended(pod, failed, again) })
		if !again || !p.there(at, o) || p.isClosed() {
			return
		}
	}
}

// there reports whether a pod is still the one that was created.
func (p *pods) there(at place, o *object) bool {
	have := p.store.get(at)
	return have != nil && have.GetUID() == o.GetUID()
}

func placed(pod *corev1.Pod, node string) {
	pod.Spec.NodeName = node
	pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionTrue}}
}

func running(pod *corev1.Pod, node string, restarts int32) {
	placed(pod, node)
	pod.Status.Phase = corev1.PodRunning
	pod.Status.Conditions = append(pod.Status.Conditions,
		corev1.PodCondition{Type: corev1.PodReady, Status: corev1.ConditionTrue})
	pod.Status.PodIP = "127.0.0.1"
	pod.Status.ContainerStatuses = nil
	for i, c := range pod.Spec.Containers {
		pod.Status.ContainerStatuses = append(pod.Status.ContainerStatuses, corev1.ContainerStatus{
			Name: c.Name, Image: c.Image, ImageID: "sha256:" + strings.Repeat("c", 64), Ready: true, RestartCount: restarts,
			ContainerID: fmt.Sprintf("containerd://%064d", i),
			State:       corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.Now()}},
		})
	}
}

func ended(pod *corev1.Pod, failed error, again bool) {
	end := &corev1.ContainerStateTerminated{Reason: "Completed", FinishedAt: metav1.Now()}
	pod.Status.Phase = corev1.PodSucceeded
	if failed != nil {
		end.ExitCode, end.Reason, pod.Status.Phase = 1, "Error", corev1.PodFailed
	}
	if again {
		pod.Status.Phase = corev1.PodRunning
	}
	for i, c := range pod.Status.ContainerStatuses {
		if c.Name == container {
			pod.Status.ContainerStatuses[i].State = corev1.ContainerState{Terminated: end}
			pod.Status.ContainerStatuses[i].Ready = false
		}
	}
	pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionFalse}}
}
