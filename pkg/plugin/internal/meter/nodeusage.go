package meter

import (
	"cmp"
	"maps"
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// usage derives what a node used in a window: its root control group, split by
// node-exporter's finer modes where there is one; node-exporter alone where a
// scrape configuration drops the root's rows.
func (n *nodeSeries) usage(node string, w v1alpha1.Window, source v1alpha1.SourceName) v1alpha1.NodeUsage {
	u := v1alpha1.NodeUsage{Node: node, Source: source, CPUs: n.cpus}
	cores := unlimited()
	if n.cpus > 0 {
		cores = float64(n.cpus)
	}
	root, reason := oneOf(ordered(n.roots), func(r *rootSeries) *counter { return &r.total })
	exporter, other := oneOf(ordered(n.exporters), (*exporterSeries).busiest)
	if u.Missing = cmp.Or(n.missing, reason, other); u.Missing != "" {
		return u
	}
	if root == nil {
		root = &rootSeries{}
	}
	total := over(root.total.spans, w, cores)
	modes := map[string]*float64{"user": amount(root.user.spans, w), "system": amount(root.system.spans, w)}
	if exporter != nil {
		if len(root.total.spans) == 0 {
			total = exporter.busy(w)
		}
		if finer := exporter.modes(w); len(finer) > 0 {
			modes = finer
		}
	}
	if u.Missing = whyMissing(total, w, cores); u.Missing != "" {
		return u
	}
	u.CPUSeconds, u.CoveredSeconds, u.CPUErrorSeconds = &total.amount, total.covered, &total.bound
	u.UserSeconds, u.SystemSeconds = modes["user"], modes["system"]
	u.SoftIRQSeconds, u.IRQSeconds, u.StealSeconds = modes["softirq"], modes["irq"], modes["steal"]
	u.IOWaitSeconds, u.IdleSeconds = modes["iowait"], modes["idle"]
	if len(root.total.spans) > 0 {
		u.Series = columns(root.total.spans, nil, w)
	}
	return u
}

func ordered[S any](all map[string]S) []S {
	var out []S
	for _, key := range slices.Sorted(maps.Keys(all)) {
		out = append(out, all[key])
	}
	return out
}

// busiest is the counter that tells node-exporters apart best: processors idle
// for most of their time.
func (e *exporterSeries) busiest() *counter {
	best := &counter{}
	for _, key := range slices.SortedFunc(maps.Keys(e.perCPU), func(a, b [2]string) int {
		return cmp.Or(cmp.Compare(a[1], b[1]), cmp.Compare(a[0], b[0]))
	}) {
		if key[0] == "idle" {
			return e.perCPU[key]
		}
		best = e.perCPU[key]
	}
	return best
}

// modes adds up processors, mode by mode.
func (e *exporterSeries) modes(w v1alpha1.Window) map[string]*float64 {
	modes := map[string]*float64{}
	for key, c := range e.perCPU {
		mode := key[0]
		if mode == "nice" {
			mode = "user"
		}
		if a := amount(c.spans, w); a != nil {
			if modes[mode] == nil {
				modes[mode] = new(float64)
			}
			*modes[mode] += *a
		}
	}
	return modes
}

// busy is all but idle, I/O wait and steal, over all processors.
func (e *exporterSeries) busy(w v1alpha1.Window) growth {
	var sum growth
	for key, c := range e.perCPU {
		if slices.Contains([]string{"idle", "iowait", "steal"}, key[0]) {
			continue
		}
		g := over(c.spans, w, 1)
		sum.amount += g.amount
		sum.bound += g.bound
		sum.covered = max(sum.covered, g.covered)
	}
	return sum
}
