package runner

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/arms"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
)

// Services reads a Service of the user's and the pods behind it.
type Services interface {
	Service(ctx context.Context, namespace, name string) (*corev1.Service, error)
	SelectedPods(ctx context.Context, namespace string, labels map[string]string) ([]corev1.Pod, error)
}

// StoppedError says that the load on a Service of the user's ended itself. The run
// ends with it.
type StoppedError struct {
	Stop    v1alpha1.SafetyStop
	Message string
}

func (e *StoppedError) Error() string { return e.Message }

// WithdrawnError says that a Service of the user's allows its load no more.
type WithdrawnError struct{ Reason string }

func (e *WithdrawnError) Error() string { return e.Reason }

// seenService is a Service of the user's as it was last seen.
type seenService struct {
	spec corev1.ServiceSpec
	uid  types.UID
	pods map[types.UID]v1alpha1.ServicePod
	// names are those of the pods, for the meter.
	names []types.NamespacedName
}

// stopped takes in a trial whose load ended itself, and ends the run.
func (x *run) stopped(ctx context.Context, index, total int, t plan.Trial, result v1alpha1.Trial,
	why *StoppedError) error {
	result.Status, result.Reason, result.Stopped = v1alpha1.TrialVoid, why.Error(), &why.Stop
	x.outcome.Trials = append(x.outcome.Trials, result)
	x.Notify(TrialDone{Index: index, Total: total, Result: result})
	// What became of the Service is what its owner asks first. One that cannot be
	// read any more changes nothing of why the run ends.
	_ = x.lookAtService(ctx, x.indexOf(t.Arm.Name))
	return fmt.Errorf("trial %s: %w", result.ID, why)
}

// lookAtService notes what has become of an arm's Service since it was last looked at,
// and whether it still allows the load.
func (x *run) lookAtService(ctx context.Context, i int) error {
	arm, wanted := x.plan.Arms[i], x.plan.Run.Service
	if wanted == nil {
		return nil
	}
	s, err := x.on(arm).Service(ctx, arm.Namespace, wanted.Name)
	if err != nil {
		return err
	}
	if s == nil {
		return &WithdrawnError{fmt.Sprintf("arm %s: Service %s is gone", arm.Name, wanted.Name)}
	}
	pods, err := x.on(arm).SelectedPods(ctx, arm.Namespace, s.Spec.Selector)
	if err != nil {
		return err
	}
	now := seenService{spec: s.Spec, uid: s.UID, pods: map[types.UID]v1alpha1.ServicePod{}}
	var watched []*corev1.Pod
	for j := range pods {
		p := &pods[j]
		now.pods[p.UID] = servicePod(p)
		now.names = append(now.names, types.NamespacedName{Namespace: p.Namespace, Name: p.Name})
		watched = append(watched, p)
	}
	before, again := x.services[arm.Name]
	x.services[arm.Name] = now
	state := x.outcome.Arms[i].Service
	if !again {
		state = &v1alpha1.ServiceState{Name: s.Name, Port: x.plan.Run.Called[arm.Name].Port, UID: string(s.UID),
			MaxRate: s.Annotations[v1alpha1.AnnotationMaxRate], Pods: sortedPods(now.pods)}
		x.outcome.Arms[i].Service = state
	}
	if again {
		at := time.Now().UTC()
		for _, what := range changesOf(before, now) {
			state.Changes = append(state.Changes, v1alpha1.ServiceChange{At: at, What: what})
		}
	}
	x.watchService(ctx, arm, watched)
	return x.stillAllowed(arm, s)
}

// stillAllowed holds a Service to what it allowed when the run was planned.
func (x *run) stillAllowed(arm v1alpha1.Arm, s *corev1.Service) error {
	was := x.plan.Run.Called[arm.Name]
	most, err := arms.ParseMaxRate(s.Annotations[v1alpha1.AnnotationMaxRate])
	if err != nil || string(s.UID) != was.UID || most != 0 && (was.MaxRate == 0 || most < was.MaxRate) {
		return &WithdrawnError{fmt.Sprintf("arm %s: Service %s allows less than when the run began: "+
			"its annotation %s is %q, its uid %s", arm.Name, s.Name, v1alpha1.AnnotationMaxRate,
			s.Annotations[v1alpha1.AnnotationMaxRate], s.UID)}
	}
	return nil
}

func (x *run) watchService(ctx context.Context, arm v1alpha1.Arm, pods []*corev1.Pod) {
	if x.Meter == nil || arm.Context != "" || len(pods) == 0 {
		return
	}
	var proxies []string
	if m, err := x.Meshes.Get(arm.Mesh); err == nil {
		proxies = m.Pod.Proxies
	}
	if x.Meter.WatchService(ctx, proxies, pods...) {
		x.metered.Store(true)
	}
}

// servicePods are the pods behind an arm's Service, for the meter.
func (x *run) servicePods(arm v1alpha1.Arm) []types.NamespacedName { return x.services[arm.Name].names }

func servicePod(p *corev1.Pod) v1alpha1.ServicePod {
	out := v1alpha1.ServicePod{Name: p.Name, UID: string(p.UID), Node: p.Spec.NodeName, Ready: arms.Ready(p)}
	for _, s := range slices.Concat(p.Status.InitContainerStatuses, p.Status.ContainerStatuses) {
		out.Restarts += int64(s.RestartCount)
	}
	return out
}

func sortedPods(all map[types.UID]v1alpha1.ServicePod) []v1alpha1.ServicePod {
	return slices.SortedFunc(maps.Values(all), func(a, b v1alpha1.ServicePod) int { return cmp.Compare(a.Name, b.Name) })
}

// changesOf is what happened between two looks, in sentences.
func changesOf(before, now seenService) []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if before.uid != now.uid {
		say("the Service was replaced by another of its name")
	}
	if !reflect.DeepEqual(before.spec.Selector, now.spec.Selector) ||
		!reflect.DeepEqual(before.spec.Ports, now.spec.Ports) {
		say("the Service's selector or ports were changed")
	}
	for _, p := range sortedPods(now.pods) {
		was, known := before.pods[types.UID(p.UID)]
		switch {
		case !known:
			say("pod %s came", p.Name)
			continue
		case p.Restarts > was.Restarts:
			say("containers of pod %s were restarted %d times", p.Name, p.Restarts-was.Restarts)
		}
		if p.Ready != was.Ready {
			say("pod %s is %s", p.Name, map[bool]string{true: "ready now", false: "not ready any more"}[p.Ready])
		}
	}
	for _, p := range sortedPods(before.pods) {
		if _, still := now.pods[types.UID(p.UID)]; !still {
			say("pod %s went", p.Name)
		}
	}
	return out
}
