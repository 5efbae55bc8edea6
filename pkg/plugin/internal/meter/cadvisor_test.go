package meter

import (
	"os"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

const worker = "meshbench"

func ours(namespace, name, node string, containers ...string) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}, Spec: corev1.PodSpec{NodeName: node}}
	for _, c := range containers {
		p.Spec.Containers = append(p.Spec.Containers, corev1.Container{Name: c})
	}
	return p
}

// targetScope is one target with a sidecar, on node n1.
func targetScope() scope {
	return scope{worker: worker, own: map[types.NamespacedName]ownPod{
		{Namespace: "shop", Name: "target"}: {node: "n1", side: v1alpha1.SideServer, containers: []string{worker, "proxy"}},
	}}
}

func observed(t *testing.T, texts ...*kubeletText) *readings {
	t.Helper()
	l := newReadings()
	for _, text := range texts {
		all, err := parseExposition(text.bytes())
		if err != nil {
			t.Fatal(err)
		}
		l.observe("n1", all)
	}
	return l
}

func find(t *testing.T, all []v1alpha1.ContainerUsage, container string) v1alpha1.ContainerUsage {
	t.Helper()
	for _, u := range all {
		if u.Container == container {
			return u
		}
	}
	t.Fatalf("no container %s in %+v", container, all)
	return v1alpha1.ContainerUsage{}
}

func TestContainersAndNodeOfAKubelet(t *testing.T) {
	var texts []*kubeletText
	for s := -10.0; s <= 40; s += 10 {
		texts = append(texts, newKubeletText().
			container("shop", "target", worker, "a", 100+s/2, 1000+s, at(s+0.5)).
			container("shop", "target", "proxy", "b", 50+s/4, 2000, at(s+2)).
			container("shop", "target", "", "sandbox", 1, 1, at(s)).
			pod("shop", "target", 150+s, at(s)).
			pod("else", "where", 10+s/10, at(s)).
			machine(1000+2*s, at(s)))
	}
	l := observed(t, texts...)
	got := l.usages(targetScope(), window(0, 30), v1alpha1.SourceCAdvisor)
	if len(got) != 2 {
		t.Fatalf("%d containers, want 2: %+v", len(got), got)
	}
	w := find(t, got, worker)
	if w.Side != v1alpha1.SideServer || w.Part != v1alpha1.PartApplication || w.Node != "n1" || w.Missing != "" {
		t.Errorf("the worker is %+v", w)
	}
	if !near(*w.CPUSeconds, 15) || !near(*w.UserSeconds, 11.25) || !near(*w.SystemSeconds, 3.75) ||
		!near(w.CoveredSeconds, 30) || *w.CPUErrorSeconds > 10 {
		t.Errorf("the worker used %g s (user %g, system %g) within %g over %g s, want 15 (11.25, 3.75) over 30",
			*w.CPUSeconds, *w.UserSeconds, *w.SystemSeconds, *w.CPUErrorSeconds, w.CoveredSeconds)
	}
	if *w.MemoryMaxBytes != 1020 || len(w.Series.OffsetSeconds) != 4 || len(w.Series.MemoryBytes) != 4 ||
		!near(w.Series.CPUCores[1], 0.5) || !near(w.Series.OffsetSeconds[0], 0.5) {
		t.Errorf("memory %d, series %+v", *w.MemoryMaxBytes, w.Series)
	}
	if p := find(t, got, "proxy"); p.Part != v1alpha1.PartProxy || !near(*p.CPUSeconds, 7.5) {
		t.Errorf("the proxy is %+v", p)
	}
	n := l.nodes["n1"].usage("n1", window(0, 30), v1alpha1.SourceCAdvisor)
	if n.CPUs != 4 || !near(*n.CPUSeconds, 60) || !near(*n.UserSeconds, 30) || n.SoftIRQSeconds != nil {
		t.Errorf("the node is %+v", n)
	}
	others := l.tenants(targetScope(), window(0, 30), v1alpha1.SourceCAdvisor)
	if len(others) != 1 || others[0].Pod != "where" || !near(*others[0].CPUSeconds, 3) ||
		others[0].Side != v1alpha1.SideOther {
		t.Errorf("the tenants are %+v", others)
	}
}

func near(got, want float64) bool { return got-want < 1e-6 && want-got < 1e-6 }

func TestARestartedContainerIsAddedUp(t *testing.T) {
	start := func(k *kubeletText, id string, seconds float64) *kubeletText {
		return k.row(metricStart,
			`container="meshbench",id="/kubepods/`+id+`",image="x",name="`+id+`",namespace="shop",pod="target"`,
			float64(at(seconds).Unix()), at(0))
	}
	first := func(s, cpu float64) *kubeletText {
		return start(newKubeletText().container("shop", "target", worker, "a", cpu, 1, at(s)), "a", -1000)
	}
	second := func(s, cpu float64) *kubeletText {
		return start(newKubeletText().container("shop", "target", worker, "b", cpu, 1, at(s)), "b", 14)
	}
	l := observed(t, first(0, 900), first(10, 910), second(20, 3), second(30, 8))
	u := find(t, l.usages(targetScope(), window(0, 30), v1alpha1.SourceCAdvisor), worker)
	if !u.Restarted || u.CPUSeconds == nil || !near(*u.CPUSeconds, 10+3+5) || !near(u.CoveredSeconds, 10+6+10) {
		t.Errorf("used %+v, want 18 s over 26 s, restarted", u)
	}
}

// What began shortly before the window is counted from when it began: a load
// pod has few samples.
func TestALoadPodIsCountedFromItsStart(t *testing.T) {
	text := newKubeletText().container("shop", "target", worker, "a", 5, 1, at(5)).
		row(metricStart, `container="meshbench",id="/kubepods/a",image="x",name="a",namespace="shop",pod="target"`,
			float64(at(-5).Unix()), at(5))
	u := find(t, observed(t, text).usages(targetScope(), window(0, 6), v1alpha1.SourceCAdvisor), worker)
	if u.CPUSeconds == nil || !near(*u.CPUSeconds, 2.5) || !near(u.CoveredSeconds, 5) {
		t.Errorf("used %+v, want 2.5 s over 5 s", u)
	}
}

func TestTooFewSamplesAreMissingAndNotZero(t *testing.T) {
	for name, text := range map[string][]*kubeletText{
		"one sample": {newKubeletText().container("shop", "target", worker, "a", 5, 1, at(5))},
		"little of it": {newKubeletText().container("shop", "target", worker, "a", 5, 1, at(-5)),
			newKubeletText().container("shop", "target", worker, "a", 6, 1, at(4))},
	} {
		u := find(t, observed(t, text...).usages(targetScope(), window(0, 10), v1alpha1.SourceCAdvisor), worker)
		if u.CPUSeconds != nil || u.Missing == "" {
			t.Errorf("%s: %+v", name, u)
		}
	}
}

func TestLimitsAndThrottling(t *testing.T) {
	labels := `container="meshbench",id="/kubepods/a",image="x",name="a",namespace="shop",pod="target"`
	var texts []*kubeletText
	for s := 0.0; s <= 10; s += 5 {
		texts = append(texts, newKubeletText().container("shop", "target", worker, "a", s, 1, at(s)).
			row(metricQuota, labels, 20000, at(0)).row(metricPeriod, labels, 100000, at(0)).
			row(metricPeriods, labels, s*10, at(s)).row(metricThrottled, labels, s*4, at(s)))
	}
	u := find(t, observed(t, texts...).usages(targetScope(), window(0, 10), v1alpha1.SourceCAdvisor), worker)
	if u.CPULimitCores == nil || !near(*u.CPULimitCores, 0.2) || *u.Periods != 100 || *u.ThrottledPeriods != 40 {
		t.Errorf("limit %v, periods %v, throttled %v; want 0.2, 100, 40", u.CPULimitCores, u.Periods, u.ThrottledPeriods)
	}
}

func TestTheBusiestTenantsAreNamedAndTheRestIsSummed(t *testing.T) {
	texts := []*kubeletText{newKubeletText(), newKubeletText()}
	for i := range 14 {
		name := string(rune('a' + i))
		texts[0].pod("else", name, 0, at(0))
		texts[1].pod("else", name, float64(i+1), at(10))
	}
	got := observed(t, texts...).tenants(targetScope(), window(0, 10), v1alpha1.SourceCAdvisor)
	if len(got) != namedTenants+1 || got[0].Pod != "n" || !near(*got[0].CPUSeconds, 14) {
		t.Fatalf("%d tenants, the first is %+v", len(got), got[0])
	}
	if rest := got[namedTenants]; rest.Pod != "(4 more pods)" || !near(*rest.CPUSeconds, 1+2+3+4) {
		t.Errorf("the rest is %+v, want 10 s of 4 pods", rest)
	}
}

// What a real kubelet (1.34, containerd) said.
func TestARealKubeletIsRead(t *testing.T) {
	body, err := os.ReadFile("testdata/cadvisor.txt")
	if err != nil {
		t.Fatal(err)
	}
	all, err := parseExposition(body)
	if err != nil {
		t.Fatal(err)
	}
	l := newReadings()
	l.observe("n1", all)
	var containers, pods int
	for id, s := range l.containers {
		if id.Container == "" {
			pods++
		} else if containers++; s.started.IsZero() || s.memory == nil {
			t.Errorf("container %+v: started %s, memory %v", id, s.started, s.memory)
		}
		if !s.cpu.begun || s.cpu.at.IsZero() {
			t.Errorf("container %+v has no CPU time", id)
		}
	}
	if containers == 0 || pods == 0 || l.nodes["n1"].cpus == 0 || len(l.nodes["n1"].roots) != 1 {
		t.Errorf("%d containers, %d pods, node %+v", containers, pods, l.nodes["n1"])
	}
}

func FuzzParseExposition(f *testing.F) {
	f.Add(newKubeletText().container("a", "b", "c", "d", 1, 2, at(0)).machine(3, at(1)).bytes())
	f.Add([]byte("container_cpu_usage_seconds_total{pod=\"a\",namespace=\"b\",container=\"c\"} NaN 5\ncontainer_cpu_usage_seconds_total{pod=\"a\",namespace=\"b\",container=\"c\"} -1 6"))
	f.Fuzz(func(t *testing.T, body []byte) {
		all, err := parseExposition(body)
		if err != nil {
			return
		}
		l := newReadings()
		l.observe("n1", all)
		for _, u := range l.usages(targetScope(), window(0, 10), v1alpha1.SourceCAdvisor) {
			if u.CPUSeconds != nil && !(*u.CPUSeconds >= 0) {
				t.Errorf("used %g s", *u.CPUSeconds)
			}
		}
	})
}
