package meter

import (
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// identity is one life of one container as a source names it. A container that
// was restarted has another ID; a container without a name is the whole pod.
type identity struct {
	Node, Namespace, Pod, Container, ID string
}

// series is all that a source told of one container.
type series struct {
	cpu, user, system, periods, throttled counter
	memory                                []level
	limitCores                            *float64
	// period is the CFS period that quotas are per, in microseconds.
	period float64
	// started is when this life of the container began; zero if not told.
	started time.Time
}

// first is the earliest instant that is known of its CPU time.
func (s *series) first() time.Time {
	if len(s.cpu.spans) > 0 {
		return s.cpu.spans[0].from
	}
	return s.cpu.at
}

// nodeSeries is all that a source told of a node. Modes are those of /proc/stat.
type nodeSeries struct {
	cpus  int
	total counter
	modes map[string]*counter
	// perCPU are counters that are added up to the modes.
	perCPU map[[2]string]*counter
}

// ledger is what a source knows of the time around a window.
type ledger struct {
	containers map[identity]*series
	nodes      map[string]*nodeSeries
	// queries are what was asked to know it, for the report.
	queries []string
}

func newLedger() *ledger {
	return &ledger{containers: map[identity]*series{}, nodes: map[string]*nodeSeries{}}
}

func (l *ledger) container(id identity) *series {
	s := l.containers[id]
	if s == nil {
		s = &series{}
		l.containers[id] = s
	}
	return s
}

func (l *ledger) node(name string) *nodeSeries {
	n := l.nodes[name]
	if n == nil {
		n = &nodeSeries{modes: map[string]*counter{}, perCPU: map[[2]string]*counter{}}
		l.nodes[name] = n
	}
	return n
}

func (n *nodeSeries) mode(name string) *counter {
	c := n.modes[name]
	if c == nil {
		c = &counter{}
		n.modes[name] = c
	}
	return c
}

// cores is the number of a node's processors, as far as it is known.
func (l *ledger) cores(node string) float64 {
	if n := l.nodes[node]; n != nil && n.cpus > 0 {
		return float64(n.cpus)
	}
	return unlimited()
}

// forget drops what ended before that instant, and containers of which nothing
// later is known.
func (l *ledger) forget(before time.Time) {
	for id, s := range l.containers {
		for _, c := range []*counter{&s.cpu, &s.user, &s.system, &s.periods, &s.throttled} {
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
		n.total.forget(before)
		for _, c := range n.modes {
			c.forget(before)
		}
	}
}

// within reports whether an instant is in [StartedAt, EndedAt).
func within(at time.Time, w v1alpha1.Window) bool {
	return !at.Before(w.StartedAt) && at.Before(w.EndedAt)
}
