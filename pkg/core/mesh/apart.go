package mesh

import (
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// TellApart says of every container that ran beside a worker whether it is the
// mesh's proxy: to be there does not make it one, and what a log shipper uses is no
// price of a mesh. In a meshed arm whose mesh nobody knows, each may be the proxy and
// stays one. The arms' data planes must be known by then.
func (c Catalogue) TellApart(r *v1alpha1.Report) {
	for i := range r.Trials {
		at := slices.IndexFunc(r.Arms, func(a v1alpha1.Arm) bool { return a.Name == r.Trials[i].Arm })
		if at >= 0 {
			c.tellApart(r.Trials[i].Resources, func(string) []v1alpha1.Arm { return r.Arms[at : at+1] })
		}
	}
	// Targets alone run in windows without load, and a namespace says whose.
	in := func(namespace string) []v1alpha1.Arm {
		return slices.DeleteFunc(slices.Clone(r.Arms), func(a v1alpha1.Arm) bool { return a.Namespace != namespace })
	}
	if r.Idle != nil {
		c.tellApart(&r.Idle.Resources, in)
	}
	for i := range r.IdleWindows {
		c.tellApart(&r.IdleWindows[i].Resources, in)
	}
}

// tellApart looks at the containers of one window; of returns the arms that a
// namespace's pods may belong to.
func (c Catalogue) tellApart(used *v1alpha1.Resources, of func(namespace string) []v1alpha1.Arm) {
	if used == nil {
		return
	}
	for i := range used.Containers {
		u := &used.Containers[i]
		if u.Part != v1alpha1.PartProxy || u.Side != v1alpha1.SideClient && u.Side != v1alpha1.SideServer {
			continue
		}
		if !slices.ContainsFunc(of(u.Namespace), func(a v1alpha1.Arm) bool { return c.mayBeProxy(a, u.Container) }) {
			u.Part = v1alpha1.PartOther
		}
	}
}

// mayBeProxy reports whether an arm's mesh has such a container in its pods, or might.
func (c Catalogue) mayBeProxy(a v1alpha1.Arm, container string) bool {
	if a.DataPlane != nil {
		if m, err := c.Get(a.DataPlane.Mesh); err == nil {
			return slices.Contains(m.Pod.Proxies, container)
		}
	}
	return a.Role != v1alpha1.RoleBaseline
}
