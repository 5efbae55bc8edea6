package session

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/mesh"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/meter"
)

// components are the parts of the arms' meshes that run in pods of their own,
// as far as they were seen in the command's own cluster.
func (m meshes) components(arms []v1alpha1.Arm) []meter.Component {
	var all []meter.Component
	seen := map[string]bool{}
	for _, arm := range arms {
		found, err := m.catalogue.Get(arm.Mesh)
		if err != nil || arm.Context != "" || seen[arm.Mesh] {
			continue
		}
		seen[arm.Mesh] = true
		for _, c := range found.CostsApart(m.observed[arm.Name].Installed) {
			all = append(all, componentOf(c))
		}
	}
	return all
}

// componentOf selects a cost's pods by their labels, and by the name of their
// workload where labels may not be read.
func componentOf(c mesh.CostApart) meter.Component {
	var selector []string
	for _, name := range slices.Sorted(maps.Keys(c.Labels)) {
		selector = append(selector, name+"="+c.Labels[name])
	}
	out := meter.Component{
		Side: c.Sides[0], Part: c.Part, Namespace: c.Namespace,
		Selector:    strings.Join(append(selector, c.LabelKeys...), ","),
		NamePattern: regexp.MustCompile(regexp.QuoteMeta(c.Workload) + "-.+"),
	}
	if c.Container != "" {
		out.Containers = []string{c.Container}
	}
	return out
}
