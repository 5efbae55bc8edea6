package meter

import (
	"math"
	"slices"
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
func (l *ledger) observe(node string, all []observation) {
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
			if id, ok := identify(node, o.labels); ok {
				l.container(id).observe(o)
			}
		}
	}
}

// identify tells rows of containers and of whole pods from those of sandboxes
// and of the machine's own services.
func identify(node string, labels map[string]string) (identity, bool) {
	id := identity{Node: node, Namespace: labels["namespace"], Pod: labels["pod"], Container: labels["container"],
		ID: labels["id"]}
	sandbox := id.Container == "POD" || id.Container == "" && (labels["name"] != "" || labels["image"] != "")
	if id.Pod == "" || sandbox {
		return identity{}, false
	}
	if cpu := labels["cpu"]; cpu != "" && cpu != "total" {
		id.ID += " " + cpu // old kubelets count each processor
	}
	return id, true
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
		count(&s.cpu)
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

func (n *nodeSeries) observeRoot(o observation) {
	switch o.metric {
	case metricCPU:
		n.total.add(o.at, o.value)
	case metricUser:
		n.mode("user").add(o.at, o.value)
	case metricSystem:
		n.mode("system").add(o.at, o.value)
	}
}

// observeMode takes a sample of one processor in one mode. Each is a counter
// of its own; only what they grew by is added up.
func (n *nodeSeries) observeMode(o observation) {
	key := [2]string{o.labels["mode"], o.labels["cpu"]}
	c := n.perCPU[key]
	if c == nil {
		c = &counter{}
		n.perCPU[key] = c
	}
	c.add(o.at, o.value)
}
