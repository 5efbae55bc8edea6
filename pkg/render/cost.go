package render

import (
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/resource"
)

// block is one of the tables of a panel.
type block struct {
	title   string
	columns []column
}

// costBlocks are the tables of what requests cost: CPU by who spent it, and
// memory. Parts that no arm has are left out, and so are empty tables.
func costBlocks(p panel) []block {
	titles := map[v1alpha1.CostPart]string{
		v1alpha1.CostTotal: "TOTAL", v1alpha1.CostClientApplication: "CLIENT", v1alpha1.CostServerApplication: "TARGET",
		v1alpha1.CostClientProxy: "CLIENT PROXY", v1alpha1.CostServerProxy: "SERVER PROXY",
		v1alpha1.CostNodeProxy: "NODE PROXIES",
		v1alpha1.CostWaypoint:  "WAYPOINT", v1alpha1.CostOther: "OTHERS", v1alpha1.CostUnattributed: "UNATTRIBUTED",
	}
	cpu, memory := block{title: "CPU per 1,000 requests"}, block{title: "memory: mean, and the most at any time"}
	for _, part := range resource.Parts() {
		cpu.columns = append(cpu.columns, column{titles[part], v1alpha1.CPUPer1000(part), true})
		memory.columns = append(memory.columns,
			column{titles[part], v1alpha1.MemoryMean(part), true}, column{"MOST", v1alpha1.MemoryMax(part), false})
	}
	var out []block
	for _, b := range []block{cpu, memory} {
		if b.columns = shown(b.columns, p); len(b.columns) > 0 {
			out = append(out, b)
		}
	}
	return out
}

// shown are the columns that some arm has a metric for: reports of older
// releases lack some.
func shown(columns []column, p panel) []column {
	return slices.DeleteFunc(columns, func(c column) bool {
		return !slices.ContainsFunc(p.rows, func(r row) bool { _, ok := r.entries[c.metric]; return ok })
	})
}

// briefly says why a cost is missing; the report has the whole reason, and a
// finding tells it once.
func briefly(v v1alpha1.MetricValue) string {
	switch v.Unit {
	case v1alpha1.UnitCPUPer1000, v1alpha1.UnitCores, v1alpha1.UnitBytes:
		if v.Missing == resource.NoContainer {
			return "none"
		}
		return "not measured"
	}
	return v.Missing
}
