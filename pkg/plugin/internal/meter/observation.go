package meter

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
)

// The metrics that are read. All but the last two are of cAdvisor; a kubelet
// serves them, and a Prometheus that scrapes kubelets keeps them.
const (
	metricCPU       = "container_cpu_usage_seconds_total"
	metricUser      = "container_cpu_user_seconds_total"
	metricSystem    = "container_cpu_system_seconds_total"
	metricMemory    = "container_memory_working_set_bytes"
	metricPeriods   = "container_cpu_cfs_periods_total"
	metricThrottled = "container_cpu_cfs_throttled_periods_total"
	metricQuota     = "container_spec_cpu_quota"
	metricPeriod    = "container_spec_cpu_period"
	metricStart     = "container_start_time_seconds"
	metricCores     = "machine_cpu_cores"
	metricNodeCPU   = "node_cpu_seconds_total" // node-exporter's
)

// containerMetrics are those of cAdvisor.
func containerMetrics() []string {
	return []string{metricStart, metricPeriod, metricQuota, metricCPU, metricUser, metricSystem, metricMemory,
		metricPeriods, metricThrottled, metricCores}
}

// rootID is the row of the whole machine.
const rootID = "/"

// observation is one sample of one metric.
type observation struct {
	metric string
	labels map[string]string
	// at is the zero time where the source gives none, as with what never changes.
	at    time.Time
	value float64
}

// observe takes samples of one node. Samples of one series are in order.
func (l *readings) observe(node string, all []observation) {
	// What says how to read the counters comes before them.
	order := containerMetrics()
	slices.SortStableFunc(all, func(a, b observation) int {
		return slices.Index(order, a.metric) - slices.Index(order, b.metric)
	})
	for _, o := range all {
		switch {
		case !(o.value >= 0) || math.IsInf(o.value, 0): // a quota of -1 is none
		case o.metric == metricCores:
			l.node(node).cpus = int(o.value)
		case o.metric == metricNodeCPU:
			l.node(node).observeMode(o)
		case o.labels["id"] == rootID:
			l.node(node).observeRoot(o)
		default:
			inPod := strings.Contains(o.labels["id"], "kubepods")
			l.named[node] = l.named[node] || o.labels["pod"] != ""
			l.nameless[node] = l.nameless[node] || inPod && o.labels["pod"] == "" && containerID(o.labels["id"]) != ""
			if id, ok := identify(node, o.labels); ok {
				x := l.container(id)
				x.labels = o.labels
				x.observe(o)
			}
		}
	}
}

// identify tells rows of containers and of whole pods from those of sandboxes
// and of the machine's own services.
func identify(node string, labels map[string]string) (identity, bool) {
	id := identity{Node: node, Namespace: labels["namespace"], Pod: labels["pod"], Container: labels["container"],
		Labels: canonical(labels)}
	sandbox := id.Container == "POD" || id.Container == "" && (labels["name"] != "" || labels["image"] != "")
	return id, id.Pod != "" && !sandbox
}

// canonical writes labels in order. Without the metric's name and what only
// some metrics have, so that all metrics of one container have the same.
func canonical(labels map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		if name != "__name__" && name != "cpu" && name != "mode" && labels[name] != "" {
			fmt.Fprintf(&b, "%s=%q,", name, labels[name])
		}
	}
	return b.String()
}

func (s *series) observe(o observation) {
	count := func(c *counter) {
		if !s.started.IsZero() && o.at.Sub(s.started) <= staleAfter {
			c.begin(s.started)
		}
		c.add(o.at, o.value)
	}
	switch o.metric {
	case metricStart:
		s.started = time.UnixMilli(int64(o.value * 1000))
	case metricPeriod:
		s.period = o.value
	case metricQuota:
		if s.period > 0 && o.value > 0 {
			cores := o.value / s.period
			s.limitCores = &cores
		}
	case metricCPU:
		count(s.processor(o.labels["cpu"]))
	case metricUser:
		count(&s.user)
	case metricSystem:
		count(&s.system)
	case metricPeriods:
		count(&s.periods)
	case metricThrottled:
		count(&s.throttled)
	case metricMemory:
		s.memory = addLevel(s.memory, level{at: o.at, value: o.value})
	}
}

// processor is the counter of all processors, or, of old kubelets, of one.
func (s *series) processor(name string) *counter {
	if name == "" || name == "total" {
		return &s.cpu
	}
	if s.processors == nil {
		s.processors = map[string]*counter{}
	}
	if s.processors[name] == nil {
		s.processors[name] = &counter{}
	}
	return s.processors[name]
}

// whole is the series with its processors added up, where they are told apart.
func (s *series) whole() *series {
	if s.cpu.begun || len(s.processors) == 0 {
		return s
	}
	sum := *s
	sum.cpu = sideBySide(slices.Collect(maps.Values(s.processors)))
	return &sum
}

// sideBySide adds up counters that count at one time. Only instants that all of
// them were sampled at are used.
func sideBySide(all []*counter) counter {
	type edges struct{ from, to time.Time }
	amounts, times := map[edges]float64{}, map[edges]int{}
	var sum counter
	for _, c := range all {
		for _, s := range c.spans {
			amounts[edges{s.from, s.to}] += s.amount
			times[edges{s.from, s.to}]++
		}
		sum.begun, sum.value = sum.begun || c.begun, sum.value+c.value
		if c.at.After(sum.at) {
			sum.at = c.at
		}
		sum.resets = append(sum.resets, c.resets...)
	}
	for e, n := range times {
		if n == len(all) {
			sum.spans = append(sum.spans, span{from: e.from, to: e.to, amount: amounts[e]})
		}
	}
	slices.SortFunc(sum.spans, func(a, b span) int { return a.from.Compare(b.from) })
	return sum
}

func (n *nodeSeries) observeRoot(o observation) {
	key := canonical(o.labels)
	r := n.roots[key]
	if r == nil {
		r = &rootSeries{labels: o.labels}
		n.roots[key] = r
	}
	switch o.metric {
	case metricCPU:
		r.total.add(o.at, o.value)
	case metricUser:
		r.user.add(o.at, o.value)
	case metricSystem:
		r.system.add(o.at, o.value)
	}
}

// observeMode takes a sample of one processor in one mode. Each is a counter
// of its own; only what they grew by is added up.
func (n *nodeSeries) observeMode(o observation) {
	key := canonical(o.labels)
	e := n.exporters[key]
	if e == nil {
		e = &exporterSeries{labels: o.labels, perCPU: map[[2]string]*counter{}}
		n.exporters[key] = e
	}
	of := [2]string{o.labels["mode"], o.labels["cpu"]}
	c := e.perCPU[of]
	if c == nil {
		c = &counter{}
		e.perCPU[of] = c
	}
	c.add(o.at, o.value)
}
