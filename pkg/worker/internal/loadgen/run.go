package loadgen

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/pkg/worker/internal/pace"
	"github.com/meshbench/kubectl-meshbench/pkg/worker/internal/procstat"
)

// Observer is told what happens while load runs.
type Observer struct {
	Probe   func(wire.Probe) error
	Started func(wire.Started) error
	Second  func(v1alpha1.Second) error
	// Usage is told at the start of the window, after each second and at the
	// end. It may take the time to read /proc, which is off the load's path.
	Usage func() error
	// Metrics may be nil.
	Metrics *Metrics
}

// StageError says at which stage of a trial a worker failed.
type StageError struct {
	Stage string
	Err   error
}

func (e *StageError) Error() string { return e.Err.Error() }
func (e *StageError) Unwrap() error { return e.Err }

// openProcessors is the least number of processors of the Go scheduler in an
// open schedule: a connection that waits for its due instant blocks one.
const openProcessors = 8

// Run waits for the target, warms up, measures one window and returns what it
// measured. root is the root of the file system, for the worker's own usage.
func Run(ctx context.Context, s wire.LoadSpec, root fs.FS, observe Observer) (wire.Result, error) {
	called, err := readCall(root, s.Service)
	if err != nil {
		return wire.Result{}, &StageError{"ready", err}
	}
	probe, peer, err := awaitTarget(ctx, s, called)
	if err != nil {
		return wire.Result{}, &StageError{"ready", err}
	}
	counts := countsBefore(ctx, s, probe, peer)
	senders, err := dial(s, peer.String(), called)
	if err != nil {
		return wire.Result{}, &StageError{"load", err}
	}
	var primed int64
	if called == nil { // else the ramp opens them: all at once would be a burst
		primed = prime(ctx, senders)
	}
	start, err := windowStart(s, time.Now())
	if err != nil {
		return wire.Result{}, &StageError{"ready", err}
	}
	if err := observe.Probe(withoutSeries(probe)); err != nil {
		return wire.Result{}, err
	}
	if err := observe.Started(wire.Started{WindowStart: start.Round(0).UTC()}); err != nil {
		return wire.Result{}, err
	}
	d := &drive{spec: s, senders: senders, start: start, end: start.Add(s.Window.Duration)}
	d.recorder = newRecorder(d.open(), len(senders))
	d.recorder.metrics = observe.Metrics
	if s.DisturbedAt != nil {
		d.recorder.through = newContinuity(start, s.DisturbedAt.Duration, s.Window.Duration)
	}
	d.sent.Add(primed)
	begun := start.Add(-s.Warmup.Duration)
	d.guard, d.ramp = newGuard(s, begun), rampOf(s, begun)
	processors := runtime.GOMAXPROCS(0)
	if d.open() && processors < openProcessors {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(openProcessors))
	}
	result, err := d.run(ctx, root, observe)
	if stopped := new(StopError); errors.As(err, &stopped) {
		return result, &StageError{"safety", stopped}
	}
	// What the worker can use, not what its schedule made of it for itself.
	result.Self.Processors = processors
	result.Load.Peers = []v1alpha1.Peer{peerOf(peer)}
	if err == nil {
		result.Sent = d.sent.Load()
		counts.into(ctx, s, d.sent.Load(), &result)
	}
	return result, err
}

// primedAtOnce bounds how many connections are opened at the same time.
const primedAtOnce = 128

// prime opens every connection and uses it once, so that no request of the
// window pays for connecting, and returns how many requests that took. It stops
// at the first failure: load will tell what is wrong.
func prime(ctx context.Context, senders []sender) int64 {
	var next, sent atomic.Int64
	var failed atomic.Bool
	var all sync.WaitGroup
	for range min(primedAtOnce, len(senders)) {
		all.Go(func() {
			for !failed.Load() && ctx.Err() == nil {
				i := next.Add(1) - 1
				if i >= int64(len(senders)) {
					return
				}
				sent.Add(1)
				if f := senders[i].send(ctx); f != nil && !f.asked() {
					failed.Store(true)
				}
			}
		})
	}
	all.Wait()
	return sent.Load()
}

// windowStart is when recording begins: the shared instant of a trial with
// several load pods, or one warm-up from now.
func windowStart(s wire.LoadSpec, now time.Time) (time.Time, error) {
	if s.StartAt == nil {
		return now.Add(s.Warmup.Duration), nil
	}
	// Wall clocks are compared once; from here on the monotonic clock counts.
	rest := s.StartAt.Sub(now.Round(0))
	if rest < 0 {
		return time.Time{}, fmt.Errorf("ready %s after the shared start of the trial", -rest)
	}
	return now.Add(rest), nil
}

// drive is the state of one trial's load.
type drive struct {
	spec       wire.LoadSpec
	senders    []sender
	recorder   *recorder
	start, end time.Time
	// guard ends the load, and ramp raises it, on a Service of the user's.
	guard *guard
	ramp  ramp
	// sent counts all requests, those of the warm-up and failed ones too; each
	// connection adds its own when it ends.
	sent atomic.Int64
}

func (d *drive) open() bool { return !d.spec.Rate.ClosedLoop() }

func (d *drive) run(ctx context.Context, root fs.FS, observe Observer) (wire.Result, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go d.guard.watch(ctx, d.end, stop)
	var connections sync.WaitGroup
	loop := d.closedLoop
	if d.open() {
		loop = d.openSchedule
	}
	for c := range d.senders {
		connections.Go(func() { loop(ctx, c) })
	}
	finished := make(chan struct{})
	go func() { connections.Wait(); close(finished) }()

	if !pace.Until(ctx.Done(), d.start) {
		return wire.Result{}, context.Cause(ctx)
	}
	opened := d.sockets()
	before := procstat.Read(root)
	if err := observe.Usage(); err != nil {
		return wire.Result{}, err
	}
	seconds := int((d.spec.Window.Duration + time.Second - 1) / time.Second)
	for i := range seconds - 1 {
		if !pace.Until(ctx.Done(), d.start.Add(time.Duration(i+1)*time.Second)) {
			return wire.Result{}, context.Cause(ctx)
		}
		if err := errors.Join(observe.Second(d.recorder.turn(i)), observe.Usage()); err != nil {
			return wire.Result{}, err
		}
	}
	if !pace.Until(ctx.Done(), d.end) {
		return wire.Result{}, context.Cause(ctx)
	}
	if err := observe.Usage(); err != nil {
		return wire.Result{}, err
	}
	after := procstat.Read(root)
	// Requests under way are waited for; each ends with its own timeout.
	select {
	case <-finished:
	case <-ctx.Done():
		return wire.Result{}, context.Cause(ctx)
	}
	if err := observe.Second(d.recorder.turn(seconds - 1)); err != nil {
		return wire.Result{}, err
	}
	result := wire.Result{
		Window: v1alpha1.Window{StartedAt: d.start.Round(0).UTC(), EndedAt: d.end.Round(0).UTC(),
			Seconds: d.end.Sub(d.start).Seconds()},
		Load: d.recorder.result(),
		Self: procstat.Between(before, after),
	}
	result.Load.Sockets = d.sockets()
	inWindow := result.Load.Sockets - opened
	result.Load.WindowSockets = &inWindow
	for _, s := range d.senders {
		s.close()
	}
	return result, nil
}

func (d *drive) sockets() (n int64) {
	for _, s := range d.senders {
		n += s.sockets()
	}
	return n
}

// closedLoop sends the next request when the last one is answered. A request
// belongs to the window if it was sent in it.
func (d *drive) closedLoop(ctx context.Context, connection int) {
	s := d.senders[connection]
	var requests int64
	defer func() { d.sent.Add(requests) }()
	if from := d.ramp.joins(connection, len(d.senders)); !from.IsZero() && !pace.Until(ctx.Done(), from) {
		return
	}
	for sent := time.Now(); sent.Before(d.end); {
		failed := s.send(ctx)
		requests++
		ended := time.Now()
		d.guard.note(ended, ended.Sub(sent), failed)
		if !sent.Before(d.start) {
			d.recorder.record(connection, sample{sent: sent, ended: ended, failure: failed})
		}
		sent = ended
		if failed != nil && !failed.asked() {
			if ctx.Err() != nil {
				return
			}
			time.Sleep(backoff)
			sent = time.Now()
		}
	}
}

// openSchedule sends each request when it is due, or at once if it is late. A
// request belongs to the window if it was due in it. What was due before this
// worker was there belongs to a warm-up with a shared start: it is left out.
func (d *drive) openSchedule(ctx context.Context, connection int) {
	s := d.senders[connection]
	plan := scheduleOf(d.spec, d.start.Add(-d.spec.Warmup.Duration))
	var requests int64
	defer func() { d.sent.Add(requests) }()
	begun := time.Now()
	for k := int64(0); ; k++ {
		due := plan.due(d.spec.Clients, connection, k)
		if !due.Before(d.end) {
			return
		}
		if due.Before(begun) && due.Before(d.start) || !d.ramp.admits(due, plan.number(d.spec.Clients, connection, k)) {
			continue
		}
		if !pace.Until(ctx.Done(), due) {
			return
		}
		sent := time.Now()
		if !sent.Before(d.end) {
			d.leave(plan, connection, k)
			return
		}
		failed := s.send(ctx)
		requests++
		ended := time.Now()
		d.guard.note(ended, ended.Sub(due), failed)
		if !due.Before(d.start) {
			d.recorder.record(connection, sample{due: due, sent: sent, ended: ended, failure: failed})
		}
		if failed != nil && ctx.Err() != nil {
			return
		}
	}
}

// leave takes in what was due in the window from request k on, and was not sent.
func (d *drive) leave(plan schedule, connection int, k int64) {
	n, first := plan.between(d.spec.Clients, connection, k, d.start, d.end)
	interval := time.Duration(float64(plan.total) * plan.interval * float64(time.Second))
	d.recorder.recordUnsent(connection, n, d.end.Sub(first), interval)
}
