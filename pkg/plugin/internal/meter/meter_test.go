package meter

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// apiServer is an API server in memory: one node, on which everything uses half a
// core, and whose cAdvisor takes a sample every five seconds.
type apiServer struct {
	mu        sync.Mutex
	begun     time.Time
	forbidden []string // parts of paths
	asked     []string
	polled    []time.Duration     // when kubelets were
	pods      map[string][]string // by selector
	// later are pods from the 15th second on.
	later map[string][]string
	lists int
}

func newAPI() *apiServer { return &apiServer{begun: time.Now(), pods: map[string][]string{}} }

func (a *apiServer) Raw(_ context.Context, path string, _ url.Values, _ int64) ([]byte, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked = append(a.asked, path)
	for _, part := range a.forbidden {
		if strings.Contains(path, part) {
			return nil,
				fmt.Errorf("read %s: %w", path,
					apierrors.NewForbidden(schema.GroupResource{Resource: "nodes/proxy"}, "n1", errors.New("no")))
		}
	}
	const every = 5 * time.Second
	taken := a.begun.Add(time.Since(a.begun).Truncate(every))
	used := taken.Sub(a.begun).Seconds() / 2
	switch {
	case strings.HasSuffix(path, "/proxy/metrics/cadvisor"):
		a.polled = append(a.polled, time.Since(a.begun))
		return newKubeletText().container("shop", "target", worker, "a", 100+used, 1e6, taken).
			container("shop", "load-1", worker, "l", 200+used, 1e6, taken).
			container("mesh", "ztunnel-x7k2p", "proxy", "z", 10+used, 1e6, taken).
			pod("else", "tenant", 7+used, taken).machine(1000+4*used, taken).bytes(), nil
	case strings.HasSuffix(path, "/pods"):
		return fmt.Appendf(nil, `{"items":[{"metadata":{"name":"target"},"timestamp":%q,"window":"15s",`+
			`"containers":[{"name":"meshbench","usage":{"cpu":"500m","memory":"1Mi"}}]}]}`,
			taken.UTC().Format(time.RFC3339)), nil
	case strings.Contains(path, "/nodes/n1"):
		return fmt.Appendf(nil, `{"metadata":{"name":"n1"},"timestamp":%q,"window":"15s","usage":{"cpu":"2","memory":"1Gi"}}`,
			taken.UTC().Format(time.RFC3339)), nil
	}
	return nil, apierrors.NewNotFound(schema.GroupResource{}, path)
}

func (a *apiServer) PodNames(_ context.Context, _, selector string) ([]string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lists++
	if names, ok := a.later[selector]; ok && time.Since(a.begun) >= 15*time.Second {
		return names, nil
	}
	if names, ok := a.pods[selector]; ok {
		return names, nil
	}
	return nil, apierrors.NewForbidden(schema.GroupResource{Resource: "pods"}, "", errors.New("you may not list pods"))
}

// ztunnel shows how a mesh's catalogue hands its components over.
func ztunnel() Component {
	return Component{
		Side: v1alpha1.SideNode, Part: v1alpha1.PartProxy, Namespace: "mesh",
		Selector: "app=ztunnel", NamePattern: regexp.MustCompile(`ztunnel-[a-z0-9]{5}`), Containers: []string{"proxy"},
	}
}

func newMeter(a *apiServer, o Options) *Meter {
	o.Pods, o.Worker = a, worker
	if o.Sources == nil {
		o.Sources = []Source{Kubelet(a), MetricsAPI(a)}
	}
	return New(o)
}

// measure watches a target and a load pod for a window of 20 s, and lets the
// samples past its end come.
func measure(t *testing.T, a *apiServer, o Options) v1alpha1.Resources {
	t.Helper()
	m := newMeter(a, o)
	ctx, stop := context.WithCancel(t.Context())
	var work sync.WaitGroup
	work.Go(func() { m.Run(ctx) })
	defer work.Wait()
	defer stop()
	m.Watch(ctx, v1alpha1.SideServer, ours("shop", "target", "n1", worker))
	time.Sleep(12 * time.Second)
	m.Watch(ctx, v1alpha1.SideClient, ours("shop", "load-1", "n1", worker))
	w := v1alpha1.Window{StartedAt: time.Now(), EndedAt: time.Now().Add(20 * time.Second), Seconds: 20}
	time.Sleep(20 * time.Second)
	m.Ask("t", w, types.NamespacedName{Namespace: "shop", Name: "target"},
		types.NamespacedName{Namespace: "shop", Name: "load-1"})
	if got := m.Answers(ctx, false); len(got) != 0 {
		t.Errorf("answered %v before there are samples past the end", got)
	}
	waiting, end := context.WithTimeout(ctx, 20*time.Second)
	defer end()
	begun := time.Now()
	got := m.Answers(waiting, true)
	if waited := time.Since(begun); waited > 21*time.Second {
		t.Errorf("waited for %s", waited)
	}
	if len(got) != 1 {
		t.Fatalf("answers %v, want one", got)
	}
	return got["t"]
}

func pick(t *testing.T, r v1alpha1.Resources, source v1alpha1.SourceName, pod string) v1alpha1.ContainerUsage {
	t.Helper()
	for _, u := range r.Containers {
		if u.Pod == pod && u.Source == source {
			return u
		}
	}
	t.Fatalf("no %s by %s in %+v", pod, source, r.Containers)
	return v1alpha1.ContainerUsage{}
}

func TestTheBestSourceIsTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := measure(t, newAPI(), Options{Components: []Component{ztunnel()}})
		for pod, side := range map[string]v1alpha1.Side{"target": v1alpha1.SideServer, "load-1": v1alpha1.SideClient,
			"ztunnel-x7k2p": v1alpha1.SideNode, "tenant": v1alpha1.SideOther} {
			u := pick(t, r, v1alpha1.SourceCAdvisor, pod)
			if u.Side != side || u.CPUSeconds == nil || !near(*u.CPUSeconds, 10) || !near(u.CoveredSeconds, 20) ||
				u.Node != "n1" {
				t.Errorf("%s: %+v, want 10 s of CPU on side %s", pod, u, side)
			}
		}
		if len(r.Nodes) != 1 || !near(*r.Nodes[0].CPUSeconds, 40) {
			t.Errorf("nodes %+v, want one with 40 s", r.Nodes)
		}
		if len(r.Sources) != 1 || r.Sources[0].Missing != "" || !near(*r.Sources[0].ResolutionSeconds, 5) {
			t.Errorf("sources %+v, want cadvisor alone, every 5 s", r.Sources)
		}
	})
}

func TestWithoutPermissionTheNextSourceIsTakenAndTheReportSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAPI()
		a.forbidden = []string{"/proxy/"}
		r := measure(t, a, Options{})
		u := pick(t, r, v1alpha1.SourceMetricsAPI, "target")
		if u.CPUSeconds == nil || u.Missing != "" {
			t.Errorf("%+v", u)
		}
		if len(r.Sources) != 2 || !strings.Contains(r.Sources[0].Missing, "forbidden") ||
			!strings.Contains(r.Sources[0].Missing, "ClusterRole meshbench-resources") || r.Sources[1].Missing != "" {
			t.Errorf("sources %+v", r.Sources)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		a := newAPI()
		a.forbidden = []string{"/"}
		r := measure(t, a, Options{Components: []Component{ztunnel()}})
		if len(r.Containers) != 3 || len(r.Nodes) != 1 {
			t.Fatalf("%d containers, %d nodes; want 3 and 1 that say why they are missing", len(r.Containers), len(r.Nodes))
		}
		for _, u := range r.Containers {
			if u.CPUSeconds != nil || !strings.Contains(u.Missing, "forbidden") {
				t.Errorf("%+v", u)
			}
		}
	})
}

func TestAllSourcesCanBeCompared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := measure(t, newAPI(), Options{All: true})
		for _, source := range []v1alpha1.SourceName{v1alpha1.SourceCAdvisor, v1alpha1.SourceMetricsAPI} {
			if u := pick(t, r, source, "target"); u.CPUSeconds == nil || *u.CPUSeconds < 9 || *u.CPUSeconds > 11 {
				t.Errorf("%s: %+v", source, u)
			}
		}
	})
}

// Components are found by their labels where pods may be listed, else by name.
func TestComponentsAreFoundByLabelOrName(t *testing.T) {
	byLabel := newAPI()
	byLabel.pods["app=ztunnel"] = []string{"other-name"}
	for name, c := range map[string]struct {
		api       *apiServer
		component Component
		pod       string
		has       bool
		missing   bool
	}{
		"by label":                {byLabel, ztunnel(), "other-name", true, false},
		"a label beats a name":    {byLabel, ztunnel(), "ztunnel-x7k2p", false, false},
		"by name":                 {newAPI(), ztunnel(), "ztunnel-x7k2p", true, false},
		"a name is matched whole": {newAPI(), ztunnel(), "not-ztunnel-x7k2p", false, false},
		"neither": {newAPI(), Component{Namespace: "mesh", Selector: "app=x"}, "ztunnel-x7k2p", false,
			true},
		"labels without permission": {newAPI(), Component{Namespace: "mesh", Selector: "app=x"}, "", false, true},
	} {
		r := resolve(t.Context(), c.api, []Component{c.component}, nil)[0]
		if got := r.has("mesh", c.pod); got != c.has || (r.missing != "") != c.missing {
			t.Errorf("%s: has %v, missing %q; want %v, %v", name, got, r.missing, c.has, c.missing)
		}
		if r.has("elsewhere", c.pod) {
			t.Errorf("%s: matches in another namespace", name)
		}
	}
}

// A waypoint that is scaled up, or a pod of a DaemonSet that is replaced, is the
// mesh's as those were that were there at first, and no tenant.
func TestPodsOfAMeshThatComeLaterAreTheMeshs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAPI()
		a.pods["app=ztunnel"] = []string{"ztunnel-first"}
		a.later = map[string][]string{"app=ztunnel": {"ztunnel-x7k2p"}}
		component := ztunnel()
		component.NamePattern = nil
		r := measure(t, a, Options{Components: []Component{component}})
		if u := pick(t, r, v1alpha1.SourceCAdvisor, "ztunnel-x7k2p"); u.Side != v1alpha1.SideNode || u.CPUSeconds == nil {
			t.Errorf("%+v, want a node proxy with its CPU time", u)
		}
	})
	synctest.Test(t, func(t *testing.T) { // who may not list pods is not asked on and on
		a := newAPI()
		measure(t, a, Options{Components: []Component{ztunnel()}})
		if a.lists != 1 {
			t.Errorf("pods were listed %d times, want once", a.lists)
		}
	})
	// What a pod used that is gone by now is the mesh's too.
	a := newAPI()
	a.pods["app=ztunnel"] = []string{"ztunnel-first"}
	known := resolve(t.Context(), a, []Component{ztunnel()}, nil)
	a.pods["app=ztunnel"] = []string{"ztunnel-second"}
	known = resolve(t.Context(), a, []Component{ztunnel()}, known)
	delete(a.pods, "app=ztunnel")
	known = resolve(t.Context(), a, []Component{ztunnel()}, known)
	for _, pod := range []string{"ztunnel-first", "ztunnel-second"} {
		if !known[0].has("mesh", pod) {
			t.Errorf("%s is not known any more", pod)
		}
	}
}

// Without load, all targets are looked at, and nodes that have none yet.
func TestTheIdleWindowLooksAtFurtherNodesOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAPI()
		m := newMeter(a, Options{Nodes: []string{"n2"}})
		if !m.Watch(t.Context(), v1alpha1.SideServer, ours("shop", "target", "n1", worker)) {
			t.Fatal("nothing can be read")
		}
		m.Ask("idle", v1alpha1.Window{StartedAt: time.Now(), EndedAt: time.Now().Add(5 * time.Second)})
		time.Sleep(5 * time.Second)
		waiting, stop := context.WithTimeout(t.Context(), 10*time.Second)
		defer stop()
		r := m.Answers(waiting, true)["idle"]
		if len(r.Nodes) != 2 {
			t.Errorf("nodes %+v, want n1 and n2", r.Nodes)
		}
		a.asked = nil
		m.poll(t.Context())
		for _, path := range a.asked {
			if strings.Contains(path, "/n2/") {
				t.Errorf("still asks for %s", path)
			}
		}
	})
}

// stuck is a server that is slow to answer.
type stuck struct{ Source }

func (stuck) name() v1alpha1.SourceName         { return v1alpha1.SourcePrometheus }
func (stuck) poll(context.Context, scope) error { return nil }
func (stuck) forget(time.Time)                  {}
func (stuck) readings(ctx context.Context, _ scope, _ v1alpha1.Window) (*readings, error) {
	select {
	case <-ctx.Done():
	case <-time.After(25 * time.Second):
	}
	return nil, errors.New("too late")
}

// polls are the instants at which kubelets were polled, since the first one.
func polls(t *testing.T, sources func(*apiServer) []Source, drive func(*Meter)) []time.Duration {
	t.Helper()
	a := newAPI()
	m := newMeter(a, Options{Sources: sources(a), All: true})
	ctx, stop := context.WithCancel(t.Context())
	var work sync.WaitGroup
	work.Go(func() { m.Run(ctx) })
	m.Watch(ctx, v1alpha1.SideServer, ours("shop", "target", "n1", worker))
	drive(m)
	stop()
	work.Wait()
	return a.polled
}

// Nobody can read afterwards what a kubelet knew of a container that has ended.
func TestKubeletsArePolledJustBeforeLoadPodsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := polls(t, func(a *apiServer) []Source { return []Source{Kubelet(a)} }, func(m *Meter) {
			m.Ending(time.Now().Add(8 * time.Second))
			time.Sleep(11 * time.Second)
		})
		want := []time.Duration{0, 5 * time.Second, 7500 * time.Millisecond, 10 * time.Second}
		if !slices.Equal(got, want) {
			t.Errorf("polled at %v, want %v", got, want)
		}
	})
}

func TestASlowServerDoesNotKeepKubeletsFromBeingPolled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := polls(t, func(a *apiServer) []Source { return []Source{Kubelet(a), stuck{}} }, func(m *Meter) {
			m.Ask("t", v1alpha1.Window{StartedAt: time.Now().Add(-time.Second), EndedAt: time.Now()})
			time.Sleep(21 * time.Second)
		})
		if len(got) != 5 {
			t.Errorf("polled at %v, want every 5 s", got)
		}
	})
}

// silentFirst is an API server one of whose kubelets does not answer.
type silentFirst struct{ *apiServer }

func (s silentFirst) Raw(ctx context.Context, path string, query url.Values, limit int64) ([]byte, error) {
	if strings.Contains(path, "/n1/") {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return s.apiServer.Raw(ctx, path, query, limit)
}

func TestAKubeletThatDoesNotAnswerKeepsNothingOfTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := Kubelet(silentFirst{newAPI()})
		m := New(Options{Sources: []Source{k}, Nodes: []string{"n2"}})
		begun := time.Now()
		if m.Watch(t.Context(), v1alpha1.SideServer, ours("shop", "target", "n1", worker)) {
			t.Error("everything can be read")
		}
		if waited := time.Since(begun); waited > firstLook {
			t.Errorf("waited for %s", waited)
		}
		l, err := k.readings(t.Context(), scope{}, window(0, 30))
		if err != nil || l.nodes["n2"] == nil || l.nodes["n1"] != nil {
			t.Errorf("known of nodes %v, error %v; want n2 alone", l.nodes, err)
		}
	})
}

// An init container has ended before the load begins; one that is a native
// sidecar goes on, and is missed if nothing is known of it.
func TestOnlyContainersThatGoOnAreMissed(t *testing.T) {
	always := corev1.ContainerRestartPolicyAlways
	pod := ours("shop", "target", "n1", worker)
	pod.Spec.InitContainers = []corev1.Container{{Name: "istio-init"}, {Name: "istio-proxy", RestartPolicy: &always}}
	m := newMeter(newAPI(), Options{})
	m.Watch(t.Context(), v1alpha1.SideServer, pod)
	l := newReadings()
	for _, name := range []string{"istio-init", "istio-proxy"} {
		l.container(identity{Node: "n1", Namespace: "shop", Pod: "target", Container: name}).cpu.add(window(0, 30).StartedAt,
			1)
	}
	got := l.usages(m.scope(), window(0, 30), v1alpha1.SourceCAdvisor)
	if len(got) != 1 || got[0].Container != "istio-proxy" || got[0].Missing == "" {
		t.Errorf("%+v, want the native sidecar alone, which is missing", got)
	}
}
