package mesh

import "github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"

// Examine concludes from everything that a run has seen which mesh an arm is
// in, and whether its requests went through it. o holds what was known before
// there were pods.
func (c Catalogue) Examine(arm v1alpha1.Arm, trials []v1alpha1.Trial, ports []int32, o Observation) (v1alpha1.DataPlane,
	error) {
	seen := Seen{Role: arm.Role, Ports: ports}
	add := func(side v1alpha1.Side, p v1alpha1.Pod) {
		if p.Mesh != nil {
			seen.Pods = append(seen.Pods, SeenPod{Side: side, Name: p.Name, Mesh: *p.Mesh})
		}
	}
	if arm.Target != nil {
		add(v1alpha1.SideServer, *arm.Target)
	}
	for _, t := range trials {
		if t.Arm != arm.Name {
			continue
		}
		for _, p := range t.Pods {
			add(v1alpha1.SideClient, p)
		}
		seen.Probes = append(seen.Probes, t.Probes...)
		seen.Counts = append(seen.Counts, t.ProxyCounts...)
	}
	o.Pods = seen.Pods
	d, err := c.Detect(o)
	if err != nil {
		return d, err
	}
	d = c.Verify(d, seen)
	if m, err := c.Get(d.Mesh); err == nil {
		d.Proxies = append(d.Proxies, m.NodeSettings(o.Installed)...)
	}
	return d, nil
}
