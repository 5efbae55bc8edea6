package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/pkg/core/workload"
)

// harvest is what one load pod said.
type harvest struct {
	pod     *corev1.Pod
	hello   *wire.Hello
	probe   *wire.Probe
	seconds []v1alpha1.Second
	result  *wire.Result
	usages  []wire.Usage
	// ahead is how far the worker's clock is ahead of ours; nil if no frame was
	// read as it was written.
	ahead *time.Duration
	// at is when the targets were to be disturbed; nil for never.
	at *v1alpha1.Duration
	// late is set if the log was not read from the worker's start on, so that
	// frames may be older than the way they took.
	late bool
}

// hear takes in that a frame was written at that instant of the worker's clock.
func (h *harvest) hear(at time.Time) {
	if !h.late {
		h.ahead = furthest(h.ahead, at)
	}
}

// node is the load pod's node as the worker saw it.
func (h harvest) node() v1alpha1.Node {
	n := v1alpha1.Node{Name: h.pod.Spec.NodeName}
	if h.hello != nil {
		host := h.hello.Host
		n.Kernel, n.Architecture, n.CPUModel = host.Kernel, host.Architecture, host.CPUModel
		n.CPUs, n.MemoryBytes = host.CPUs, host.MemoryBytes
	}
	return n
}

const (
	// reopenings is how often in a row a log stream that broke is taken up again
	// without bringing anything new. It is read from its beginning: frames are
	// small, and those that were read are passed over. With pauses that grow it is
	// about a minute, in which a kubelet can be restarted.
	reopenings      = 10
	reopenPause     = 500 * time.Millisecond
	longReopenPause = 8 * time.Second
	// maxLogBytes bounds what is kept of a log, which anybody may have written. A
	// trial of a day with many containers has half of it.
	maxLogBytes = 256 << 20
	// endSlack is added to the time after which a load pod ends itself.
	endSlack = 30 * time.Second
)

// harvest reads a load pod's log to its last frame. It tells each greeting and
// second once: a stream that breaks is taken up where it broke, and what was read
// before is kept, whatever has become of it in the log.
func (x *run) harvest(ctx context.Context, from Cluster, pod *corev1.Pod, told wire.LoadSpec,
	tell func(wire.Frame)) (harvest, error) {
	h := harvest{at: told.DisturbedAt}
	started, err := x.awaitPod(ctx, from, pod.Namespace, pod.Name, startLimit, hasStarted)
	if err != nil {
		return h, loadError(pod, err)
	}
	h.pod = started
	x.watch(ctx, from, v1alpha1.SideClient, started)
	ctx, stop := withEndOf(ctx, pod)
	defer stop()
	log := &frameLog{course: wire.NewCourse(told), key: told.Key}
	for failures := 0; ; h.late = true {
		read := log.read
		err = x.readLog(ctx, from, pod, log, &h, tell)
		if current, getErr := from.GetPod(ctx, pod.Namespace, pod.Name); getErr == nil {
			switch {
			case err != nil && isTaken(pod, current):
				return h, loadError(pod, errDeleted)
			case current != nil && current.UID == pod.UID:
				h.pod = current
			}
		}
		if failures++; log.read > read {
			failures = 0
		}
		// The log of a worker that has ended will not change any more.
		ended := failures > 1 && hasEnded(h.pod)
		if !errors.Is(err, errBroken) || ended || failures > reopenings {
			break
		}
		select {
		case <-ctx.Done():
			return h, loadError(pod, context.Cause(ctx))
		case <-time.After(min(reopenPause<<max(failures-1, 0), longReopenPause)):
		}
	}
	if err != nil && (h.pod.Status.Reason != "" || errors.Is(err, errBroken) && hasEnded(h.pod)) {
		err = fmt.Errorf("%w; %s", err, whyOver(h.pod))
	}
	if err != nil {
		return h, loadError(pod, err)
	}
	return h, nil
}

// frameLog is a worker's log as far as it was read, over all its streams.
type frameLog struct {
	key    wire.Key
	course *wire.Course
	frames *wire.Reader
	read   int
}

// open reads on in a stream.
func (l *frameLog) open(stream io.Reader) {
	if l.frames == nil {
		l.frames = wire.NewReader(stream, l.key)
		return
	}
	l.frames.Reopen(stream)
}

// withEndOf ends the wait for a load pod when it must have ended itself: the log
// of one whose node is lost never does.
func withEndOf(ctx context.Context, pod *corev1.Pod) (context.Context, context.CancelFunc) {
	if pod.Spec.ActiveDeadlineSeconds == nil {
		return context.WithCancel(ctx)
	}
	limit := time.Duration(*pod.Spec.ActiveDeadlineSeconds)*time.Second + endSlack
	return context.WithTimeoutCause(ctx, limit, fmt.Errorf("no result within %s: the node may be lost", limit))
}

// errBroken says that a log stream ended before its last frame.
var errBroken = errors.New("the log broke off before the result")

func (x *run) readLog(ctx context.Context, from Logs, pod *corev1.Pod, log *frameLog, h *harvest,
	tell func(wire.Frame)) error {
	stream, err := from.Log(ctx, pod.Namespace, pod.Name, workload.ContainerName)
	if err != nil {
		return fmt.Errorf("%w: %w", errBroken, err)
	}
	defer func() { _ = stream.Close() }()
	bounded := &io.LimitedReader{R: stream, N: maxLogBytes}
	log.open(bounded)
	for {
		f, err := log.frames.Next()
		var version *wire.VersionError
		var missing *wire.MissingError
		switch {
		case err != nil && bounded.N <= 0:
			return fmt.Errorf("the log is longer than %d bytes, which no worker's is", maxLogBytes)
		case errors.As(err, &version):
			return fmt.Errorf("%w: use image %s", err, withTag(x.plan.Run.Image, x.Version))
		case errors.As(err, &missing):
			return err // no second reading brings them back
		case errors.Is(err, io.EOF):
			return errBroken
		case err != nil:
			return fmt.Errorf("%w: %w", errBroken, err)
		}
		log.read++
		if err := log.course.Check(f); err != nil {
			return err // which no second reading changes
		}
		if err := x.files(f); err != nil {
			return err
		}
		switch f.Type {
		case wire.TypeHello:
			if f.Hello.Version != x.Version {
				return &ReleaseError{Image: x.plan.Run.Image, Worker: f.Hello.Version, Plugin: x.Version}
			}
			h.hello = f.Hello
			h.hear(f.Hello.Now)
			tell(f)
		case wire.TypeStarted:
			tell(f)
		case wire.TypeProbe:
			h.probe = f.Probe
		case wire.TypeSecond:
			h.seconds = append(h.seconds, *f.Second)
			tell(f)
		case wire.TypeUsage:
			h.usages = append(h.usages, *f.Usage)
			h.hear(f.Usage.At)
			tell(f)
		case wire.TypeResult:
			h.result = f.Result
		case wire.TypeError:
			if f.Error.Stop != nil {
				return &StoppedError{Stop: *f.Error.Stop, Message: f.Error.Message}
			}
			return fmt.Errorf("the worker failed (%s): %s", f.Error.Stage, f.Error.Message)
		case wire.TypeEnd:
			return nil // after a result, or course had refused it
		}
	}
}
