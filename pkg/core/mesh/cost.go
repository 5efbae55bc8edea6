package mesh

import "slices"

// CostApart is a cost that arises in pods of its own, and the workload in the
// cluster that it was found as.
type CostApart struct {
	Cost
	Namespace, Workload string
}

// CostsApart finds the costs of a mesh that arise beside the pods of a run: node
// proxies, waypoints, the control plane. What sets pods up before they run is
// not among them.
func (m Mesh) CostsApart(in Installed) []CostApart {
	var all []CostApart
	for _, c := range m.Costs {
		if c.InPod() || c.OffPath {
			continue
		}
		for _, w := range in.Workloads {
			if c.is(w) {
				all = append(all, CostApart{Cost: c, Namespace: w.Namespace, Workload: w.Name})
			}
		}
	}
	return all
}

func (c Cost) is(w InstalledWorkload) bool {
	if c.Kind != "" && c.Kind != w.Kind {
		return false
	}
	for name, value := range c.Labels {
		if w.Labels[name] != value {
			return false
		}
	}
	return !slices.ContainsFunc(c.LabelKeys, func(key string) bool { _, ok := w.Labels[key]; return !ok })
}
