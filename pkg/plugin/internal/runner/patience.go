package runner

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
)

// Events reads what was said of a pod.
type Events interface {
	PodEvents(ctx context.Context, namespace string, uid types.UID) ([]kube.Event, error)
}

const (
	// schedulingLimit is how long a pod may be unschedulable before we stop
	// waiting, if no node is on its way: another pod's end may still make room, but
	// nobody watches forever.
	schedulingLimit = 30 * time.Second
	// eventPause is the time between two looks at a pod's events.
	eventPause = 2 * time.Second
)

// errUnscheduled is what every end of the wait for a node is.
var errUnscheduled = errors.New("not scheduled")

type unscheduledError struct{ why string }

func (e *unscheduledError) Error() string        { return e.why }
func (e *unscheduledError) Is(target error) bool { return target == errUnscheduled }

// patience bounds the wait for a pod: by a limit of its own while it comes up,
// by schedulingLimit while no node takes it, and by the run's limit for nodes
// that come on demand while one is on its way. Deleting the pod would call that
// node off.
type patience struct {
	run    *run
	on     Events
	limit  time.Duration
	giveUp context.CancelCauseFunc

	mu    sync.Mutex
	timer *time.Timer
	// stopLooking ends the look at events; nil while a node has the pod.
	stopLooking context.CancelFunc
	looking     sync.WaitGroup
}

func (x *run) patience(on Events, limit time.Duration, giveUp context.CancelCauseFunc) *patience {
	p := &patience{run: x, on: on, limit: limit, giveUp: giveUp}
	p.after(limit, fmt.Errorf("not reached in %s", limit))
	return p
}

// after gives up later; what was to be waited for before no longer counts.
func (p *patience) after(limit time.Duration, why error) {
	if p.timer != nil {
		p.timer.Stop()
	}
	p.timer = time.AfterFunc(limit, func() { p.giveUp(why) })
}

// see takes in a state of the pod.
func (p *patience) see(ctx context.Context, pod *corev1.Pod) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch waits := isUnschedulable(pod); {
	case waits && p.stopLooking == nil:
		p.after(schedulingLimit, &unscheduledError{fmt.Sprintf("not scheduled in %s", schedulingLimit)})
		looking, stop := context.WithCancel(ctx)
		p.stopLooking = stop
		p.looking.Go(func() { p.look(looking, pod) })
	case !waits && p.stopLooking != nil: // it has found room
		p.stopLooking()
		p.stopLooking = nil
		p.after(p.limit, fmt.Errorf("not reached in %s", p.limit))
	}
}

// look follows what autoscalers say of a pod.
func (p *patience) look(ctx context.Context, pod *corev1.Pod) {
	for coming := false; ; {
		events, err := p.on.PodEvents(ctx, pod.Namespace, pod.UID)
		what, said := kube.ScaleUpOf(events)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			p.decide(ctx, schedulingLimit, &unscheduledError{fmt.Sprintf(
				"not scheduled in %s; whether a node is on its way is not known: %v", schedulingLimit, err)})
			return
		case what == kube.ScaleUpComing && !coming:
			coming = true
			limit := p.run.plan.ScaleUp
			p.decide(ctx, limit,
				&unscheduledError{fmt.Sprintf("no node has come within %s (%s: %s); --scale-up-timeout sets that",
					limit, said.Reason, said.Message)})
			p.run.Notify(ScalingUp{Pod: pod.Name, Namespace: pod.Namespace, Said: said, Limit: limit})
		case what == kube.ScaleUpRefused:
			p.giveUp(&unscheduledError{fmt.Sprintf("no node will be added for it (%s: %s)", said.Reason, said.Message)})
			return
		case what == kube.ScaleUpFailed && coming:
			coming = false
			p.decide(ctx, schedulingLimit, &unscheduledError{fmt.Sprintf("the node that was on its way did not come (%s: %s)",
				said.Reason, said.Message)})
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(eventPause):
		}
	}
}

// decide sets how long to wait from now on, unless the pod has found room.
func (p *patience) decide(ctx context.Context, limit time.Duration, why error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if ctx.Err() == nil {
		p.after(limit, why)
	}
}

func (p *patience) stop() {
	p.mu.Lock()
	if p.stopLooking != nil {
		p.stopLooking()
	}
	p.timer.Stop()
	p.mu.Unlock()
	p.looking.Wait()
}
