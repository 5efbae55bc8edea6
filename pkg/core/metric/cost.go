package metric

import (
	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Kind is what is measured of everybody among whom costs are split.
type Kind int

// The kinds of costs, in the order in which cells hold them.
const (
	// CPU is CPU time for 1,000 requests that were answered as asked.
	CPU Kind = iota
	Cores
	MemoryMean
	MemoryMax
)

// Kinds lists the kinds of costs.
func Kinds() []Kind { return []Kind{CPU, Cores, MemoryMean, MemoryMax} }

// part is one of those among whom costs are split.
type part struct {
	name   v1alpha1.CostPart
	column string
	// holders are containers that have memory to tell; nodes are not.
	holder bool
}

func parts() []part {
	return []part{
		{v1alpha1.CostTotal, "TOTAL", false},
		{v1alpha1.CostClientApplication, "CLIENT", true},
		{v1alpha1.CostServerApplication, "TARGET", true},
		{v1alpha1.CostClientProxy, "CLIENT PROXY", true},
		{v1alpha1.CostServerProxy, "SERVER PROXY", true},
		{v1alpha1.CostNodeProxy, "NODE PROXIES", true},
		{v1alpha1.CostWaypoint, "WAYPOINT", true},
		{v1alpha1.CostInjected, "INJECTED", true},
		{v1alpha1.CostOther, "OTHERS", false},
		{v1alpha1.CostUnattributed, "UNATTRIBUTED", false},
	}
}

// Cost is a kind of cost of one part; ok is false if the part has none of it.
func Cost(k Kind, of v1alpha1.CostPart) (m Metric, ok bool) {
	for _, p := range parts() {
		if p.name == of {
			return p.cost(k), p.holder || k == CPU || k == Cores
		}
	}
	return Metric{}, false
}

func (p part) cost(k Kind) Metric {
	var m Metric
	switch k {
	case CPU:
		m = Metric{Name: v1alpha1.CPUPer1000(p.name), Unit: v1alpha1.UnitCPUPer1000, Column: p.column, Shown: InWide,
			Signed: true}
	case Cores:
		m = Metric{Name: v1alpha1.Cores(p.name), Unit: v1alpha1.UnitCores, Column: p.column, Signed: true}
	case MemoryMean:
		m = Metric{Name: v1alpha1.MemoryMean(p.name), Unit: v1alpha1.UnitBytes, Column: p.column, Shown: InWide}
	case MemoryMax:
		m = Metric{Name: v1alpha1.MemoryMax(p.name), Unit: v1alpha1.UnitBytes, Column: "MOST", Shown: InWide,
			OneSample: true}
	}
	m.Label, m.Title = string(m.Name), string(m.Name)
	return m
}

// Total is what all nodes spend for 1,000 requests: the cost that leads.
func Total() Metric {
	m := parts()[0].cost(CPU)
	m.Objective, m.Column, m.Label, m.Title = "cpu", "CPU/1K", "CPU/1K", "CPU for 1,000 requests"
	m.Shown, m.Leads, m.Judged, m.Sloped = InTable, true, true, true
	return m
}
