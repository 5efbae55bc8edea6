package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/resource"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/pkg/core/workload"
)

// watch reads what a target says of its resources while a trial runs. The log
// is followed, not read afterwards: a kubelet that begins a new log file shows
// the old one to nobody else.
type watch struct {
	cluster         Cluster
	namespace, name string
	// key is that of the target's frames.
	key wire.Key
	// live is set if frames are read as they are written, so that the two
	// clocks can be compared.
	live bool
	end  context.CancelFunc
	done chan struct{}

	mu      sync.Mutex
	usages  []wire.Usage
	read    int64 // bytes of the log, over all streams
	ahead   *time.Duration
	lost    error
	changed chan struct{} // closed at the next change
	// before is the target as it was when the watch began; its containers may
	// have been restarted twice since.
	before *corev1.Pod
}

// watchTarget begins to follow the log of a target, from now on if live, else from
// its beginning.
func (x *run) watchTarget(ctx context.Context, arm v1alpha1.Arm, target *corev1.Pod, live bool) *watch {
	w := &watch{cluster: x.on(arm), namespace: target.Namespace, name: target.Name, key: x.plan.Run.TargetKey(arm),
		live: live, done: make(chan struct{}), changed: make(chan struct{})}
	ctx, w.end = context.WithCancel(ctx)
	go func() {
		defer close(w.done)
		w.remember(ctx)
		w.follow(ctx)
	}()
	return w
}

// stop ends the watch and waits for it.
func (w *watch) stop() {
	w.end()
	<-w.done
}

// errLongLog ends a watch: what it keeps must not grow for ever.
var errLongLog = fmt.Errorf("the target's log is longer than %d bytes, which no worker's is in one trial", maxLogBytes)

// follow takes a stream that breaks up again where it broke.
func (w *watch) follow(ctx context.Context) {
	for ctx.Err() == nil {
		err := w.stream(ctx)
		var version *wire.VersionError
		w.note(err)
		if errors.As(err, &version) || errors.Is(err, errLongLog) {
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(reopenPause):
		}
	}
}

func (w *watch) stream(ctx context.Context) error {
	last := w.last()
	open := func() (io.ReadCloser, error) {
		if last.IsZero() && !w.live {
			return w.cluster.Log(ctx, w.namespace, w.name, workload.ContainerName)
		}
		return w.cluster.LogFrom(ctx, w.namespace, w.name, workload.ContainerName, last)
	}
	stream, err := open()
	if err != nil {
		return err
	}
	defer func() { _ = stream.Close() }()
	bounded := &io.LimitedReader{R: stream, N: maxLogBytes - w.read}
	defer func() { w.read = maxLogBytes - bounded.N }()
	for frames := wire.NewMidwayReader(bounded, w.key); ; {
		f, err := frames.Next()
		var damaged *wire.DamagedError
		switch {
		case err != nil && bounded.N <= 0:
			return errLongLog
		case errors.As(err, &damaged):
			continue // the next one holds all that this one did
		case err != nil:
			return err
		case f.Type == wire.TypeUsage && f.Usage != nil && f.Usage.At.After(last):
			last = f.Usage.At
			w.take(*f.Usage)
		}
	}
}

func (w *watch) last() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.usages) == 0 {
		return time.Time{}
	}
	return w.usages[len(w.usages)-1].At
}

func (w *watch) take(u wire.Usage) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.usages = append(w.usages, u)
	w.ahead = furthest(w.ahead, u.At)
	close(w.changed)
	w.changed = make(chan struct{})
}

func (w *watch) note(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lost = err
}

// until waits for the first frame after an instant, by the target's clock, for
// as long as one can take, and returns all frames.
func (w *watch) until(ctx context.Context, end time.Time) ([]wire.Usage, *time.Duration, error) {
	return w.await(ctx, func(last wire.Usage, _ *time.Duration) bool { return last.At.After(end) })
}

// await waits until the last frame is enough, for as long as one can take, and
// returns all frames.
func (w *watch) await(ctx context.Context, enough func(last wire.Usage, ahead *time.Duration) bool) (
	[]wire.Usage, *time.Duration, error) {
	const limit = 3 * time.Second
	late := time.NewTimer(limit)
	defer late.Stop()
	for {
		w.mu.Lock()
		usages, ahead, lost, changed := w.usages, w.ahead, w.lost, w.changed
		w.mu.Unlock()
		if n := len(usages); n > 0 && enough(usages[n-1], ahead) {
			return usages, ahead, nil
		}
		select {
		case <-ctx.Done():
			return usages, ahead, context.Cause(ctx)
		case <-late.C:
			return usages, ahead, lost
		case <-w.done:
			return usages, ahead, lost
		case <-changed:
		}
	}
}

// furthest is how far a clock is ahead of ours, going by the frame that took
// the shortest time to get here.
func furthest(ahead *time.Duration, at time.Time) *time.Duration {
	d := time.Until(at)
	if ahead != nil && *ahead > d {
		return ahead
	}
	return &d
}

func (w *watch) remember(ctx context.Context) {
	pod := w.targetPod(ctx)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.before = pod
}

// addInstances adds the ids that containers had when the watch began.
func (w *watch) addInstances(p *resource.PodReading) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.before == nil || w.before.Name != p.Pod {
		return
	}
	for _, old := range podReading(w.before, p.Side).Containers {
		for i := range p.Containers {
			if c := &p.Containers[i]; c.Name == old.Name {
				for _, id := range old.IDs {
					if !slices.Contains(c.IDs, id) {
						c.IDs = append(c.IDs, id)
					}
				}
			}
		}
	}
}

// targetPod is the target as it is now, or nil.
func (w *watch) targetPod(ctx context.Context) *corev1.Pod {
	pod, err := w.cluster.GetPod(ctx, w.namespace, w.name)
	if err != nil {
		return nil
	}
	return pod
}
