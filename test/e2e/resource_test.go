//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/test/harness"
)

// burned is what the burn containers of a namespace said, by pod and container.
type burned struct {
	mu   sync.Mutex
	said map[string][]burnReport
}

type burnReport struct {
	At         time.Time `json:"at"`
	CPUSeconds float64   `json:"cpuSeconds"`
}

// watchBurn follows the burn containers of a namespace until the test ends.
func (s suite) watchBurn(namespace string) *burned {
	s.t.Helper()
	b := &burned{said: map[string][]burnReport{}}
	ctx, stop := context.WithCancel(context.Background())
	var readers sync.WaitGroup
	s.t.Cleanup(func() { stop(); readers.Wait() })
	read := func(pod, container string) error {
		stream, err := s.Clientset.CoreV1().Pods(namespace).GetLogs(pod,
			&corev1.PodLogOptions{Container: container, Follow: true}).Stream(ctx)
		if err != nil {
			return err
		}
		defer func() { _ = stream.Close() }()
		for lines := json.NewDecoder(stream); ; {
			var r burnReport
			if err := lines.Decode(&r); err != nil {
				return nil
			}
			b.add(pod+"/"+container, r)
		}
	}
	// A stream that broke is taken up again from its beginning, while there is a pod.
	follow := func(pod, container string) {
		for ctx.Err() == nil && !apierrors.IsNotFound(read(pod, container)) {
			select {
			case <-ctx.Done():
			case <-time.After(200 * time.Millisecond):
			}
		}
	}
	seen := map[string]bool{}
	readers.Go(func() {
		for ctx.Err() == nil {
			pods, err := s.Clientset.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{})
			if err != nil {
				return
			}
			for _, p := range pods.Items {
				for _, c := range p.Status.ContainerStatuses {
					if key := p.Name + "/" + c.Name; strings.HasPrefix(c.Name, "burn") && c.State.Running != nil && !seen[key] {
						seen[key] = true
						readers.Go(func() { follow(p.Name, c.Name) })
					}
				}
			}
			select {
			case <-ctx.Done():
			case <-time.After(200 * time.Millisecond):
			}
		}
	})
	return b
}

func (b *burned) add(key string, r burnReport) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n := len(b.said[key]); n == 0 || r.At.After(b.said[key][n-1].At) {
		b.said[key] = append(b.said[key], r)
	}
}

// at is the CPU time a container says it had used by an instant; not ok after
// its last report.
func (b *burned) at(pod, container string, when time.Time) (seconds float64, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := b.said[pod+"/"+container]
	if len(all) > 0 && all[0].At.After(when) {
		return 0, true // it had not begun
	}
	for i := 1; i < len(all); i++ {
		if before, after := all[i-1], all[i]; !before.At.After(when) && after.At.After(when) {
			share := when.Sub(before.At).Seconds() / after.At.Sub(before.At).Seconds()
			return before.CPUSeconds + share*(after.CPUSeconds-before.CPUSeconds), true
		}
	}
	return 0, false
}

// compare sums up what the report says of a container and what the container
// says itself, over as much of the window as the latter goes: a load pod is
// deleted when it is done, and its last words may go with it.
func (b *burned) compare(w v1alpha1.Window, c v1alpha1.ContainerUsage) (reported, said, covered float64) {
	offsets := c.Series.OffsetSeconds
	begin := instant(w, offsets[len(offsets)-1]-c.CoveredSeconds)
	start, ok := b.at(c.Pod, c.Container, begin)
	for i, offset := range offsets {
		end := instant(w, offset)
		now, known := b.at(c.Pod, c.Container, end)
		if !ok || !known {
			break
		}
		reported += c.Series.CPUCores[i] * end.Sub(begin).Seconds()
		covered += end.Sub(begin).Seconds()
		said, begin = now-start, end
	}
	return reported, said, covered
}

// instant is a time within a window by the offset of a series.
func instant(w v1alpha1.Window, offset float64) time.Time {
	return w.StartedAt.Add(time.Duration(offset * float64(time.Second)))
}

func containerOf(t *testing.T, r v1alpha1.Trial, side v1alpha1.Side, name string) v1alpha1.ContainerUsage {
	t.Helper()
	for _, c := range r.Resources.Containers {
		if c.Side == side && c.Container == name {
			if c.Missing != "" {
				t.Fatalf("trial %s: %s of the %s is missing: %s", r.ID, name, side, c.Missing)
			}
			return c
		}
	}
	t.Fatalf("trial %s: there is no container %s of the %s in %+v", r.ID, name, side, r.Resources.Containers)
	return v1alpha1.ContainerUsage{}
}

// trialOf is the completed trial of an arm.
func trialOf(t *testing.T, r v1alpha1.Report, arm string) v1alpha1.Trial {
	t.Helper()
	for _, x := range r.Trials {
		if x.Arm == arm && x.Status == v1alpha1.TrialCompleted && x.Resources != nil {
			return x
		}
	}
	t.Fatalf("arm %s has no trial with resources", arm)
	return v1alpha1.Trial{}
}

// burning runs one round beside burn containers and returns the report.
func (s suite) burning(patch string, args ...string) (r v1alpha1.Report, baseline, meshed string, said *burned) {
	s.t.Helper()
	label, err := s.injector().Apply(s.t.Context(), patch, "/patch/"+patch, harness.OurPods())
	if err != nil {
		s.t.Fatal(err)
	}
	baseline, meshed = s.pair(label)
	said = s.watchBurn(meshed)
	user := s.tempFile("kubeconfig")
	if err := s.User(s.t.Context(), user, nil, baseline, meshed); err != nil {
		s.t.Fatal(err)
	}
	got := s.runAs(user, append([]string{
		"exp1", "--baseline", baseline, "--meshed", meshed, "--rounds", "1", "--rate", "50", "--connections", "2", "--warmup",
		"3s", "-o", "json",
	}, args...)...).wantCode(s.t, 0)
	return got.report(s.t), baseline, meshed, said
}

// What containers beside ours use is seen from within the pods, by a user with
// the shipped Role, and as much of it as the containers themselves count: also
// what children use that live and die between two looks.
func TestTheCPUOfOtherContainersIsSeen(t *testing.T) {
	s := newSuite(t)
	report, baseline, meshed, said := s.burning(harness.PatchBurn, "--duration", "12s")
	trial := trialOf(t, report, meshed)
	const tolerance = 0.05
	for _, side := range []v1alpha1.Side{v1alpha1.SideClient, v1alpha1.SideServer} {
		for _, name := range []string{"burn", "burn-children"} {
			c := containerOf(t, trial, side, name)
			if c.Part != v1alpha1.PartProxy || c.Source != v1alpha1.SourceInPod || c.Series == nil || c.MemoryMaxBytes == nil ||
				*c.MemoryMaxBytes < 1<<20 {
				t.Errorf("%s of the %s is %+v", name, side, c)
				continue
			}
			got, want, covered := said.compare(*trial.Window, c)
			t.Logf("%s of the %s: %.4f CPU seconds in %.3f s, it says %.4f itself; %.4f in the whole window", name, side, got,
				covered, want, *c.CPUSeconds)
			if covered < 0.8*c.CoveredSeconds {
				t.Errorf("%s of the %s told what it used for %.3f s of %.3f s", name, side, covered, c.CoveredSeconds)
			} else if math.Abs(got/want-1) > tolerance {
				t.Errorf("%s of the %s: %.4f CPU seconds, it says %.4f itself", name, side, got, want)
			}
			if whole := got * c.CoveredSeconds / covered; math.Abs(*c.CPUSeconds/whole-1) > tolerance {
				t.Errorf("%s of the %s: %.4f CPU seconds in the window, %.4f by its series", name, side, *c.CPUSeconds, whole)
			}
		}
	}
	for _, arm := range []string{baseline, meshed} {
		trial := trialOf(t, report, arm)
		parts := 0.0
		for _, c := range trial.Resources.Containers {
			if c.Missing != "" {
				t.Errorf("trial %s: %s of pod %s is missing: %s", trial.ID, c.Container, c.Pod, c.Missing)
				continue
			}
			parts += *c.CPUSeconds / c.CoveredSeconds
		}
		machines := map[string]float64{}
		cpus := map[string]float64{}
		for _, n := range trial.Resources.Nodes {
			if n.Missing != "" || n.Machine == "" || n.CPUs == 0 {
				t.Errorf("trial %s: node %+v", trial.ID, n)
				continue
			}
			machines[n.Machine] = *n.CPUSeconds / n.CoveredSeconds
			cpus[n.Machine] = float64(n.CPUs)
		}
		whole, all := 0.0, 0.0
		for machine, cores := range machines {
			whole, all = whole+cores, all+cpus[machine]
		}
		// /proc/stat counts in hundredths of a second for each processor.
		const grain = 0.02
		t.Logf("%s: the parts use %.3f cores, the nodes %.3f of %.0f", arm, parts, whole, all)
		if parts > whole+grain || whole > all*(1+grain) {
			t.Errorf("%s: the parts use %.3f cores, the nodes %.3f of %.0f", arm, parts, whole, all)
		}
	}
}

// A container that is restarted within the window has a rate that can be true.
func TestARestartGivesNoNegativeRate(t *testing.T) {
	s := newSuite(t)
	report, _, meshed, _ := s.burning(harness.PatchBurnRestart, "--duration", "8s", "--seed",
		"0") // the arm with it goes first
	c := containerOf(t, trialOf(t, report, meshed), v1alpha1.SideServer, "burn")
	if *c.CPUSeconds < 0 || *c.CPUSeconds > c.CoveredSeconds {
		t.Errorf("CPU seconds are %g in %g s", *c.CPUSeconds, c.CoveredSeconds)
	}
	for i, cores := range c.Series.CPUCores {
		if cores < 0 || cores > 1.2 {
			t.Errorf("%.3f s after the start it uses %g cores: it has one thread", c.Series.OffsetSeconds[i], cores)
		}
	}
	if !c.Restarted {
		t.Error("the container was not restarted in the window, so this shows nothing")
	}
	t.Logf("%.3f CPU seconds in %.3f s; cores %v", *c.CPUSeconds, c.CoveredSeconds, c.Series.CPUCores)
}

// A container at its CPU limit is told of, though nobody may read its group.
func TestAContainerAtItsLimitIsFound(t *testing.T) {
	s := newSuite(t)
	report, _, meshed, _ := s.burning(harness.PatchBurnLimit, "--duration", "4s")
	found := false
	for _, f := range report.Findings {
		if f.Code == "cpu-limit" {
			found = found || f.Arm == meshed && strings.Contains(f.Evidence, "burn")
			if f.Arm != meshed {
				t.Errorf("finding %+v is not about the arm with the limit", f)
			}
		}
	}
	if !found {
		t.Errorf("no finding says so: %+v", report.Findings)
	}
}
