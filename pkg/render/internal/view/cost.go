package view

import (
	"math"
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/core/resource"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/quantity"
)

// Block is one of the tables of a panel.
type Block struct {
	Title   string
	Columns []metric.Metric
}

// CostBlocks are the tables of what requests cost: CPU by who spent it, and
// memory. Parts that no arm has are left out, and so are empty tables.
func CostBlocks(p Panel) []Block {
	cpu, memory := Block{Title: "CPU for 1,000 requests"}, Block{Title: "memory: mean, and the most at any time"}
	for _, part := range resource.Parts() {
		cpu.add(metric.CPU, part)
		memory.add(metric.MemoryMean, part)
		memory.add(metric.MemoryMax, part)
	}
	var out []Block
	for _, b := range []Block{cpu, memory} {
		if b.Columns = Shown(b.Columns, p); len(b.Columns) > 0 {
			out = append(out, b)
		}
	}
	return out
}

// add adds a part's column, if it has such a cost.
func (b *Block) add(k metric.Kind, part v1alpha1.CostPart) {
	if m, ok := metric.Cost(k, part); ok {
		b.Columns = append(b.Columns, m)
	}
}

// Shown are the metrics that some arm has: reports of older releases lack some.
func Shown(all []metric.Metric, panels ...Panel) []metric.Metric {
	return slices.DeleteFunc(all, func(m metric.Metric) bool {
		return !slices.ContainsFunc(panels, func(p Panel) bool {
			return slices.ContainsFunc(p.Rows, func(r Row) bool { return worthAColumn(m, r) })
		})
	})
}

// worthAColumn reports whether an arm has something to say of a metric.
func worthAColumn(m metric.Metric, r Row) bool {
	_, ok := r.Entries[m.Name]
	return ok && !m.GoesWithoutSaying(r.Cell)
}

const notMeasured = "not measured"

// briefly says why a cost is missing, or above what it is; the report has the whole
// reason, and a finding tells it once.
func briefly(v v1alpha1.MetricValue) string {
	switch v.Unit {
	case v1alpha1.UnitCPUPer1000, v1alpha1.UnitCores, v1alpha1.UnitBytes:
		switch {
		case v.Missing == resource.NoContainer:
			return "none"
		case v.AtLeast != nil:
			return "> " + quantity.Text(threeDigits(*v.AtLeast), v.Unit)
		}
		return notMeasured
	}
	return v.Missing
}

// threeDigits is a positive number with three digits, which are not above it.
func threeDigits(v float64) float64 {
	if v <= 0 {
		return v
	}
	step := math.Pow(10, math.Floor(math.Log10(v))-2)
	return math.Floor(v/step) * step
}
