package meter

import (
	"cmp"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// identity is one series of one container as a source names it. A container
// that was restarted has other Labels; a container without a name is the whole
// pod.
type identity struct {
	Node, Namespace, Pod, Container string
	// Labels are all labels of the series but its metric's name, in order.
	Labels string
}

// series is all that a source told of one container.
type series struct {
	// labels are those that the source gave it.
	labels                                map[string]string
	cpu, user, system, periods, throttled counter
	memory                                []level
	limitCores                            *float64
	// period is the CFS period that quotas are per, in microseconds.
	period float64
	// started is when this life of the container began; zero if not told.
	started time.Time
	// processors are counters of one processor each, of old kubelets.
	processors map[string]*counter
}

func (s *series) tags() map[string]string { return s.labels }

// containerID is the runtime's id of the container; empty if it is not told.
func (s *series) containerID() string { return cmp.Or(containerID(s.labels["id"]), s.labels["name"]) }

// first is the earliest instant that is known of its CPU time.
func (s *series) first() time.Time {
	if len(s.cpu.spans) > 0 {
		return s.cpu.spans[0].from
	}
	return s.cpu.at
}

// rootSeries are the counters of a node's root control group.
type rootSeries struct {
	labels              map[string]string
	total, user, system counter
}

func (r *rootSeries) tags() map[string]string { return r.labels }

// exporterSeries are the counters of one node-exporter, by mode and processor.
type exporterSeries struct {
	labels map[string]string
	perCPU map[[2]string]*counter
}

func (e *exporterSeries) tags() map[string]string { return e.labels }

// nodeSeries is all that a source told of a node. There is one of each kind but
// where replicas, or several clusters, are told of; they go by their labels.
type nodeSeries struct {
	cpus      int
	roots     map[string]*rootSeries
	exporters map[string]*exporterSeries
	// missing says why there is none of either; empty if that is not known.
	missing string
}

func newNodeSeries() *nodeSeries {
	return &nodeSeries{roots: map[string]*rootSeries{}, exporters: map[string]*exporterSeries{}}
}

// counters are all of them.
func (n *nodeSeries) counters() []*counter {
	var all []*counter
	for _, r := range n.roots {
		all = append(all, &r.total, &r.user, &r.system)
	}
	for _, e := range n.exporters {
		for _, c := range e.perCPU {
			all = append(all, c)
		}
	}
	return all
}

// counters are all of them.
func (s *series) counters() []*counter {
	all := []*counter{&s.cpu, &s.user, &s.system, &s.periods, &s.throttled}
	for _, c := range s.processors {
		all = append(all, c)
	}
	return all
}

// readings is what a source knows of the time around a window.
type readings struct {
	containers map[identity]*series
	nodes      map[string]*nodeSeries
	// named are nodes of which some row of a container names its pod, nameless those
	// of which some row does not.
	named, nameless map[string]bool
	// queries are what was asked to know it, for the report.
	queries []string
}

func newReadings() *readings {
	return &readings{containers: map[identity]*series{}, nodes: map[string]*nodeSeries{}, named: map[string]bool{},
		nameless: map[string]bool{}}
}

func (l *readings) container(id identity) *series {
	s := l.containers[id]
	if s == nil {
		s = &series{}
		l.containers[id] = s
	}
	return s
}

func (l *readings) node(name string) *nodeSeries {
	n := l.nodes[name]
	if n == nil {
		n = newNodeSeries()
		l.nodes[name] = n
	}
	return n
}

// cores is the number of a node's processors, as far as it is known.
func (l *readings) cores(node string) float64 {
	if n := l.nodes[node]; n != nil && n.cpus > 0 {
		return float64(n.cpus)
	}
	return unlimited()
}

// forget drops what ended before that instant, and containers of which nothing
// later is known.
func (l *readings) forget(before time.Time) {
	for id, s := range l.containers {
		for _, c := range s.counters() {
			c.forget(before)
		}
		for len(s.memory) > 1 && s.memory[1].at.Before(before) {
			s.memory = s.memory[1:]
		}
		if s.cpu.at.Before(before) {
			delete(l.containers, id)
		}
	}
	for _, n := range l.nodes {
		for _, c := range n.counters() {
			c.forget(before)
		}
	}
}

// within reports whether an instant is in [StartedAt, EndedAt).
func within(at time.Time, w v1alpha1.Window) bool {
	return !at.Before(w.StartedAt) && at.Before(w.EndedAt)
}
