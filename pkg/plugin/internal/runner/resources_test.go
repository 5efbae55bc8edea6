package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/pkg/core/workload"
)

const (
	ownID   = "1111111111111111"
	proxyID = "2222222222222222"
)

// usageAt is a frame of a worker that uses half a core beside a proxy that
// uses a quarter.
func usageAt(at time.Time) wire.Frame {
	ns := at.Sub(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Add(-time.Hour)).Nanoseconds()
	return wire.Frame{Type: wire.TypeUsage, Usage: &wire.Usage{
		At: at.UTC(), Since: time.Unix(0, 0),
		Containers: []wire.ContainerCounters{{CPUNs: ns / 2, RSSBytes: 1 << 20},
			{ID: proxyID[:12], CPUNs: ns / 4, RSSBytes: 1 << 20}},
		Node: &wire.NodeCounters{CPUs: 4, UserMs: ns / 1e6},
	}}
}

// withProxy gives every pod a sidecar with a limit, and an init container that ended.
func withProxy(pod *corev1.Pod) {
	pod.Spec.Containers = append(pod.Spec.Containers,
		corev1.Container{Name: "proxy", Resources: corev1.ResourceRequirements{
			Limits: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("1500m")},
		}})
	pod.Spec.InitContainers = []corev1.Container{{Name: "init"}}
	pod.Status.InitContainerStatuses = []corev1.ContainerStatus{{Name: "init", ContainerID: "containerd://3333"}}
	pod.Status.ContainerStatuses[0].ContainerID = "containerd://" + ownID
	pod.Status.ContainerStatuses = append(pod.Status.ContainerStatuses,
		corev1.ContainerStatus{Name: "proxy", ContainerID: "containerd://" + proxyID})
}

// measured is the log of a load worker after its window of 4 s, from now on.
func measured(spec wire.LoadSpec) []byte {
	from := time.Now()
	time.Sleep(4 * time.Second) // in a bubble: no time at all
	var frames []wire.Frame
	for at := time.Duration(0); at <= 4*time.Second; at += time.Second {
		frames = append(frames, usageAt(from.Add(at)))
	}
	return encoded(spec.Key, course(spec, from, latencies(time.Millisecond), frames...)...)
}

func checkUse(t *testing.T, r *v1alpha1.Resources) {
	t.Helper()
	if r == nil || len(r.Containers) != 4 || len(r.Nodes) != 1 {
		t.Fatalf("resources are %+v, want those of 4 containers on 1 node", r)
	}
	for i, want := range []v1alpha1.ContainerUsage{
		{Container: workload.ContainerName, Side: v1alpha1.SideClient, Part: v1alpha1.PartApplication},
		{Container: "proxy", Side: v1alpha1.SideClient, Part: v1alpha1.PartProxy},
		{Container: workload.ContainerName, Side: v1alpha1.SideServer, Part: v1alpha1.PartApplication},
		{Container: "proxy", Side: v1alpha1.SideServer, Part: v1alpha1.PartProxy},
	} {
		c := r.Containers[i]
		cores := map[v1alpha1.Part]float64{v1alpha1.PartApplication: 0.5, v1alpha1.PartProxy: 0.25}[want.Part]
		if c.Container != want.Container || c.Side != want.Side || c.Part != want.Part || c.CPUSeconds == nil {
			t.Errorf("container %d is %+v, want %+v", i, c, want)
		} else if got := *c.CPUSeconds / c.CoveredSeconds; got < cores*0.999 || got > cores*1.001 || c.CoveredSeconds < 3 {
			t.Errorf("container %d used %g cores over %g s, want %g", i, got, c.CoveredSeconds, cores)
		}
		if c.Part == v1alpha1.PartProxy && (c.CPULimitCores == nil || *c.CPULimitCores != 1.5) {
			t.Errorf("container %d has the limit %v, want 1.5", i, c.CPULimitCores)
		}
	}
}

func TestTrialsSayWhatTheyUsed(t *testing.T) {
	inBubble(t, "both sides", func(t *testing.T) {
		f := newFake()
		f.start = withProxy
		f.log = func(_ context.Context, _ *fake, _ *corev1.Pod, spec wire.LoadSpec, _ int) (io.ReadCloser, error) {
			return closer(measured(spec)), nil
		}
		f.target = func(ctx context.Context, key wire.Key, _ time.Time) (io.ReadCloser, error) {
			return every(ctx, key, 500*time.Millisecond), nil
		}
		outcome, err := newRunner(f, nil).Run(t.Context(), makePlan(t, 1, 1))
		if err != nil {
			t.Fatal(err)
		}
		for _, trial := range outcome.Trials {
			checkUse(t, trial.Resources)
			for _, n := range trial.Resources.Nodes {
				if n.ClockOffsetSeconds == nil {
					t.Errorf("trial %s knows no offset of the clock", trial.ID)
				}
			}
		}
	})
	// The stream breaks and is damaged; it is taken up where it broke.
	inBubble(t, "a target's log that breaks", func(t *testing.T) {
		f := newFake()
		f.start = withProxy
		f.log = func(_ context.Context, _ *fake, _ *corev1.Pod, spec wire.LoadSpec, _ int) (io.ReadCloser, error) {
			return closer(measured(spec)), nil
		}
		var mu sync.Mutex
		var since []time.Time
		f.target = func(ctx context.Context, key wire.Key, from time.Time) (io.ReadCloser, error) {
			mu.Lock()
			defer mu.Unlock()
			since = append(since, from)
			if len(since)%3 == 0 {
				return nil, errors.New("the API server is away")
			}
			short, stop := context.WithTimeout(ctx, 1700*time.Millisecond)
			context.AfterFunc(short, stop)
			return every(short, key, 500*time.Millisecond), nil
		}
		outcome, err := newRunner(f, nil).Run(t.Context(), makePlan(t, 1, 1))
		if err != nil {
			t.Fatal(err)
		}
		for _, trial := range outcome.Trials {
			checkUse(t, trial.Resources)
		}
		mu.Lock()
		defer mu.Unlock()
		if !slices.ContainsFunc(since, func(s time.Time) bool { return !s.IsZero() }) {
			t.Errorf("the log was opened from %v, never from where it broke", since)
		}
	})
	inBubble(t, "a target that says nothing", func(t *testing.T) {
		f := newFake()
		f.start = withProxy
		f.log = func(_ context.Context, _ *fake, _ *corev1.Pod, spec wire.LoadSpec, _ int) (io.ReadCloser, error) {
			return closer(measured(spec)), nil
		}
		f.target = func(context.Context, wire.Key, time.Time) (io.ReadCloser, error) {
			return nil, errors.New("pods/log is forbidden")
		}
		outcome, err := newRunner(f, nil).Run(t.Context(), makePlan(t, 1, 1))
		if err != nil {
			t.Fatal(err)
		}
		for _, trial := range outcome.Trials {
			c := trial.Resources.Containers[3]
			if trial.Status != v1alpha1.TrialCompleted || c.CPUSeconds != nil ||
				!strings.Contains(c.Missing, "pods/log is forbidden") {
				t.Errorf("trial %s is %s, the target's proxy %+v", trial.ID, trial.Status, c)
			}
		}
	})
}

// every is a log with a frame at each interval, and a damaged line now and then.
func every(ctx context.Context, key wire.Key, interval time.Duration) io.ReadCloser {
	out, in := io.Pipe()
	go func() {
		tick := time.NewTicker(interval)
		defer tick.Stop()
		frames := wire.NewWriter(in, key)
		for n := 0; ; n++ {
			if frames.Write(usageAt(time.Now())) != nil {
				return
			}
			if _, err := fmt.Fprintf(in, "meshbench/%d %d 00 {}\n", wire.Version, n); err != nil {
				return
			}
			select {
			case <-ctx.Done():
				_ = in.CloseWithError(io.EOF)
				return
			case <-tick.C:
			}
		}
	}()
	return out
}
