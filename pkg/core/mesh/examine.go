package mesh

import (
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Examine concludes from everything that a run has seen which mesh an arm is
// in, and whether its requests went through it. o holds what was known before
// there were pods. Trials whose requests took another way than those of most
// are returned by id with the reason, and have no say.
func (c Catalogue) Examine(arm v1alpha1.Arm, trials []v1alpha1.Trial, ports []int32,
	o Observation) (d v1alpha1.DataPlane, astray map[string]string, err error) {
	ours := slices.DeleteFunc(slices.Clone(trials), func(t v1alpha1.Trial) bool { return t.Arm != arm.Name })
	o.Pods = podsOf(arm, ours)
	if d, err = c.Detect(o); err != nil {
		return d, nil, err
	}
	m, unknown := c.Get(d.Mesh)
	if unknown == nil {
		astray = m.Astray(ours)
		ours = slices.DeleteFunc(ours, func(t v1alpha1.Trial) bool { return astray[t.ID] != "" })
	}
	seen := Seen{Role: arm.Role, Ports: ports, OthersAnswer: arm.Service != nil, Pods: podsOf(arm, ours)}
	for _, t := range ours {
		seen.Probes = append(seen.Probes, t.Probes...)
		seen.Counts = append(seen.Counts, t.ProxyCounts...)
	}
	d = c.Verify(d, seen)
	if arm.Service != nil {
		d = withoutServer(d, *arm.Service)
	}
	if unknown == nil {
		d.Notes = m.notesOf(d.Variants)
		if m.Summary != "" {
			d.Notes = append([]string{m.Summary}, d.Notes...)
		}
		d.OwnContainers = m.ownOn(o.Pods)
		d.Layer, d.WaypointAsked = m.layer(seen.Probes), m.asksForWaypoint(o.Namespace)
		d.Proxies = append(d.Proxies, m.NodeSettings(o.Installed)...)
	}
	return d, astray, nil
}

// podsOf are the targets and the load pods of trials, as far as somebody looked.
func podsOf(arm v1alpha1.Arm, trials []v1alpha1.Trial) []SeenPod {
	var pods []SeenPod
	add := func(side v1alpha1.Side, p v1alpha1.Pod) {
		if p.Mesh != nil {
			pods = append(pods, SeenPod{Side: side, Name: p.Name, Mesh: *p.Mesh})
		}
	}
	for _, p := range arm.Targets() {
		add(v1alpha1.SideServer, p)
	}
	for _, t := range trials {
		for _, p := range t.Pods {
			add(v1alpha1.SideClient, p)
		}
	}
	return pods
}

// ownOn names the containers on pods that are the mesh's.
func (m Mesh) ownOn(pods []SeenPod) []string {
	var names []string
	for _, p := range pods {
		for _, c := range p.Mesh.Containers {
			if (slices.Contains(m.Pod.Proxies, c.Name) || slices.Contains(m.Pod.Setup, c.Name)) &&
				!slices.Contains(names, c.Name) {
				names = append(names, c.Name)
			}
		}
	}
	slices.Sort(names)
	return names
}
