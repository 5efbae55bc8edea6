package runner

import (
	"context"
	"errors"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/core/resource"
)

// Meter measures what pods and their nodes use, from outside. Its samples come
// late, so it is asked for windows, and answers when it can.
type Meter interface {
	PodWatcher
	// Ask wants the use of a window in which these pods took part; all targets,
	// if none is named.
	Ask(id string, w v1alpha1.Window, pods ...types.NamespacedName)
	// Answers returns what has become known since the last call; with wait it
	// returns once all is, or when ctx ends.
	Answers(ctx context.Context, wait bool) map[string]v1alpha1.Resources
}

// PodWatcher is told of the run's pods.
type PodWatcher interface {
	// Watch adds pods of the run, and reports whether anything can be read.
	Watch(ctx context.Context, side v1alpha1.Side, pods ...*corev1.Pod) bool
	// WatchService adds pods that are not the run's: those behind a Service of the
	// user's. Which of their containers are proxies is said, by name.
	WatchService(ctx context.Context, proxies []string, pods ...*corev1.Pod) bool
	// Ending says when load pods will end.
	Ending(at time.Time)
}

// lastSamples bounds the wait at the end of a run for samples past the end of
// its last window: kubelets take them every 10 s, some less often.
const lastSamples = 20 * time.Second

// watch tells the meter of a pod that has begun. The meter is that of the run's
// own cluster.
func (x *run) watch(ctx context.Context, in Cluster, side v1alpha1.Side, pod *corev1.Pod) {
	if x.Meter != nil && in == x.Cluster && x.Meter.Watch(ctx, side, pod) {
		x.metered.Store(true)
	}
}

// begun tells the meter when the load pods of a trial will end, whose window has
// just begun. The worker's clock may be another: what counts is when it is heard.
func (x *run) begun(t plan.Trial) {
	if x.Meter != nil && t.Arm.Context == "" {
		x.Meter.Ending(time.Now().Add(t.Schedule.Duration.Duration))
	}
}

// meterTrial asks for the use of a trial's window, and takes in what has become
// known of earlier ones. The next trial need not wait.
func (x *run) meterTrial(ctx context.Context, planned plan.Trial, t v1alpha1.Trial) {
	if x.Meter == nil {
		return
	}
	if arm := planned.Arm; t.Window != nil && arm.Context == "" {
		var pods []types.NamespacedName
		for _, p := range t.Pods {
			pods = append(pods, types.NamespacedName{Namespace: arm.Namespace, Name: p.Name})
		}
		pods = append(pods, x.servicePods(arm)...)
		for _, a := range x.outcome.Arms {
			if a.Name != arm.Name {
				continue
			}
			for _, target := range inUse(x.plan.Run, a.Targets(), planned) {
				pods = append(pods, types.NamespacedName{Namespace: arm.Namespace, Name: target.Name})
			}
		}
		x.Meter.Ask(t.ID, *t.Window, pods...)
	}
	x.takeIn(x.Meter.Answers(ctx, false))
}

// meterRest waits for the last samples while the targets are still there to be
// sampled; not if the run was interrupted, or nothing can be read.
func (x *run) meterRest(ctx context.Context) {
	if x.Meter == nil {
		return
	}
	limit := lastSamples
	if !x.metered.Load() {
		limit = 0
	}
	ctx, stop := context.WithTimeoutCause(ctx, limit, errors.New("no later samples"))
	defer stop()
	x.takeIn(x.Meter.Answers(ctx, true))
}

// takeIn adds answers to the trials, beside what is there, and says so.
func (x *run) takeIn(answers map[string]v1alpha1.Resources) {
	for _, w := range x.idleWindows() {
		if r, ok := answers[idleID(*w)]; ok {
			w.Resources = *v1alpha1.JoinResources(orNil(w.Resources), resource.Possible(r, w.Window))
			x.Notify(IdleMetered{Idle: *w})
		}
	}
	for i := range x.outcome.Trials {
		t := &x.outcome.Trials[i]
		if r, ok := answers[t.ID]; ok {
			if t.Window != nil {
				r = resource.Possible(r, *t.Window)
			}
			t.Resources = v1alpha1.JoinResources(t.Resources, r)
			x.Notify(TrialMetered{Trial: t.ID, Resources: r})
		}
	}
}
