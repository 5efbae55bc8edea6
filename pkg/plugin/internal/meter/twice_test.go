package meter

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

const (
	idA = "51f857df05867135fa73cc73efad729056e52eb3ee38e664172ca2b5c4ad77bc"
	idB = "dc57420c199674201be2ae0a73b3abaa3583c87eddce40950d0aef5511f43807"
	uid = "29234949-37ec-4e7b-a59e-aa8773f07ff5"
)

// path is the control group of a container of the target, below a prefix.
func path(prefix, id string) string { return prefix + "/kubepods/burstable/pod" + uid + "/" + id }

// observedSeries are series of the target's worker, or of the node, with these
// labels; each counts from a value of its own at so many cores.
type observedSeries struct {
	labels string
	from   float64
	cores  float64
	metric string
	phase  float64
}

const ofWorker = `container="meshbench",image="worker",namespace="shop",pod="target",`

// scraped is what a source has of them from -30 s to 60 s, every 15 s.
func scraped(all ...observedSeries) *readings {
	l := newReadings()
	for _, s := range all {
		labels := map[string]string{}
		for pair := range strings.SplitSeq(strings.TrimSuffix(s.labels, ","), ",") {
			name, value, _ := strings.Cut(pair, "=")
			labels[name] = strings.Trim(value, `"`)
		}
		metric := s.metric
		if metric == "" {
			metric = metricCPU
		}
		for seconds := -30.0; seconds <= 60; seconds += 15 {
			l.observe("n1", []observation{{metric: metric, labels: labels, at: at(seconds + s.phase),
				value: s.from + s.cores*(seconds+30+s.phase)}})
		}
	}
	return l
}

// A container that a source lists more than once is counted once, or not at
// all: never twice.
func TestTheSameContainerTwiceIsCountedOnce(t *testing.T) {
	row := func(prefix, id, more string, from, cores float64) observedSeries {
		return observedSeries{labels: fmt.Sprintf(`id=%q,name=%q,%s%s`, path(prefix, id), id, ofWorker, more), from: from,
			cores: cores}
	}
	for name, c := range map[string]struct {
		series []observedSeries
		want   float64 // over a window of 30 s; 0 for none
		says   string
	}{
		"once": {[]observedSeries{row("", idA, "", 100, 0.5)}, 15, ""},
		"nested runtimes: the node is a container": {[]observedSeries{row("", idA, "", 100, 0.5),
			row("/docker/"+idB, idA, "", 100, 0.5)}, 15, ""},
		"nested runtimes, sampled apart": {[]observedSeries{row("", idA, "", 100, 0.5),
			{labels: row("/docker/"+idB, idA, "", 0, 0).labels, from: 100, cores: 0.5, phase: 7}}, 15, ""},
		"CRI-O below systemd": {[]observedSeries{row("", "crio-"+idA+".scope", "", 100, 0.5),
			row("/system.slice/docker-"+idB+".scope", "crio-"+idA+".scope", "", 100, 0.5)}, 15, ""},
		"two replicas of a Prometheus": {[]observedSeries{row("", idA, `prometheus_replica="a"`, 100, 0.5),
			row("", idA, `prometheus_replica="b"`, 100, 0.5)}, 15, ""},
		"/metrics/resource beside cAdvisor": {[]observedSeries{row("", idA, `metrics_path="/metrics/cadvisor"`, 100, 0.5),
			{labels: `container="meshbench",namespace="shop",pod="target",metrics_path="/metrics/resource"`, from: 103,
				cores: 0.5, phase: 4}}, 15, ""},
		"two clusters": {[]observedSeries{row("", idA, `cluster="a"`, 100, 0.5), row("", idA, `cluster="b"`, 7000, 1)}, 0,
			`label cluster is "a" and "b"; choose with --prometheus-matcher 'cluster="b"'`},
		"two clusters, other ids": {[]observedSeries{row("", idA, `cluster="a"`, 100, 0.5),
			row("", idB, `cluster="b"`, 7000, 1)}, 0, `label cluster is "a" and "b"`},
		"more than the node has": {[]observedSeries{row("", idA, "", 100, 900),
			{labels: "", metric: metricCores, from: 4}}, 0, "impossible: "},
		"processors of an old kubelet": {[]observedSeries{row("", idA, `cpu="cpu00"`, 100, 0.25),
			row("", idA, `cpu="cpu01"`, 50, 0.25)}, 15, ""},
	} {
		u := find(t, scraped(c.series...).usages(targetScope(), window(0, 30), v1alpha1.SourcePrometheus), worker)
		switch {
		case c.want == 0 && (u.CPUSeconds != nil || !strings.Contains(u.Missing, c.says)):
			t.Errorf("%s: %+v, want none because %q", name, u, c.says)
		case c.want > 0 && (u.CPUSeconds == nil || !near(*u.CPUSeconds, c.want) || !near(u.CoveredSeconds, 30)):
			t.Errorf("%s: %+v, want %g s over 30 s", name, u, c.want)
		}
	}
}

// Node figures of another cluster looked like ours: 3 s for 45.
func TestANodeOfTwoClustersIsNotMeasured(t *testing.T) {
	root := func(more string, from, cores float64) observedSeries {
		return observedSeries{labels: `id="/",` + more, from: from, cores: cores}
	}
	exporter := func(more string, from, cores float64) observedSeries {
		return observedSeries{labels: `cpu="0",mode="user",` + more, from: from, cores: cores, metric: metricNodeCPU}
	}
	for name, c := range map[string]struct {
		series []observedSeries
		want   float64
		says   string
	}{
		"one": {[]observedSeries{root("", 1000, 1.5)}, 45, ""},
		"two replicas": {[]observedSeries{root(`replica="a"`, 1000, 1.5), root(`replica="b"`, 1000, 1.5)}, 45,
			""},
		"two clusters": {[]observedSeries{root(`cluster="a"`, 1000, 1.5), root(`cluster="b"`, 400000, 0.1)},
			0, "cluster"},
		"node-exporter alone": {[]observedSeries{exporter("", 1000, 0.5)}, 15, ""},
		"node-exporter, two clusters": {[]observedSeries{exporter(`k8s="a"`, 1000, 0.5), exporter(`k8s="b"`, 1, 0.5)}, 0,
			"k8s"},
		"node-exporter, two replicas": {[]observedSeries{exporter(`r="a"`, 1000, 0.5), exporter(`r="b"`, 1000, 0.5)}, 15,
			""},
		"more than its processors can": {[]observedSeries{root("", 1000, 399564.0/30),
			{labels: "", metric: metricCores, from: 64}}, 0, "impossible"},
	} {
		u := scraped(c.series...).nodes["n1"].usage("n1", window(0, 30), v1alpha1.SourcePrometheus)
		if c.want == 0 && (u.CPUSeconds != nil || !strings.Contains(u.Missing, c.says)) ||
			c.want > 0 && (u.CPUSeconds == nil || !near(*u.CPUSeconds, c.want) || !near(u.CoveredSeconds, 30)) {
			t.Errorf("%s: %+v, want %g because %q", name, u, c.want, c.says)
		}
	}
}

// The samples of a container that was restarted may go on, without growing,
// beside those of its next life.
func TestALifeEndsWhereTheNextBegins(t *testing.T) {
	l := newReadings()
	labels := func(id string) map[string]string {
		return map[string]string{"id": path("", id), "name": id, "namespace": "shop", "pod": "target", "container": worker}
	}
	for _, s := range []struct {
		id      string
		seconds float64
		value   float64
	}{{idA, -10, 100}, {idA, 0, 110}, {idA, 10, 120}, {idA, 20, 120}, {idA, 30, 120}, {idB, 12, 0}, {idB, 22, 5},
		{idB, 32, 10}} {
		l.observe("n1", []observation{{metric: metricCPU, labels: labels(s.id), at: at(s.seconds), value: s.value}})
	}
	u := find(t, l.usages(targetScope(), window(0, 30), v1alpha1.SourceCAdvisor), worker)
	if u.CPUSeconds == nil || !near(*u.CPUSeconds, 10+5+4) || u.CoveredSeconds > 30 || !u.Restarted {
		t.Errorf("%+v, want 19 s over no more than 30 s", u)
	}
}

// No order of samples, values and labels may give more than there was.
func TestNothingIsCoveredTwice(t *testing.T) {
	var l *readings
	random := newRandom()
	for range 300 {
		l = newReadings()
		l.node("n1").cpus = 4
		for range 60 {
			labels := map[string]string{"id": path([]string{"", "/docker/x"}[random.IntN(2)],
				[]string{idA, idB}[random.IntN(2)]), "namespace": "shop", "pod": "target", "container": worker}
			l.observe("n1", []observation{{metric: metricCPU, labels: labels,
				at: at(random.Float64() * 40).Truncate(time.Second), value: random.Float64() * 1000}})
		}
		u := find(t, l.usages(targetScope(), window(0, 30), v1alpha1.SourceCAdvisor), worker)
		if u.CPUSeconds != nil && (u.CoveredSeconds > 34 || *u.CPUSeconds > 4*40) {
			t.Fatalf("%g s of CPU time over %g s", *u.CPUSeconds, u.CoveredSeconds)
		}
	}
}

func newRandom() *rand.Rand { return rand.New(rand.NewPCG(3, 4)) }
