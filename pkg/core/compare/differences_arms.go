package compare

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// armsDiffer finds arms that are not what they were.
func armsDiffer(a, b v1alpha1.Report) []string {
	var found []string
	for _, x := range a.Arms {
		i := slices.IndexFunc(b.Arms, func(y v1alpha1.Arm) bool { return x.Name == y.Name })
		if i < 0 {
			found = append(found, fmt.Sprintf("arm %s is only in the report before", x.Name))
			continue
		}
		y := b.Arms[i]
		for _, p := range []struct{ what, before, after string }{
			{"role", string(x.Role), string(y.Role)}, {"mesh", x.Mesh, y.Mesh},
			{"containers beside the target", beside(x), beside(y)},
			{"placement of load and target", placed(a, x), placed(b, y)},
			{"version of the control plane", dataPlane(x).ControlPlaneVersion, dataPlane(y).ControlPlaneVersion},
			{"version of the data plane", dataPlane(x).DataPlaneVersion, dataPlane(y).DataPlaneVersion},
			{"path through the mesh", string(dataPlane(x).Path), string(dataPlane(y).Path)},
			{"mutual TLS", string(dataPlane(x).MTLS), string(dataPlane(y).MTLS)},
			{"settings of the proxies", proxies(x), proxies(y)},
		} {
			if p.before != p.after {
				found = append(found, fmt.Sprintf("%s of arm %s differs: %q before, %q after", p.what, x.Name, p.before, p.after))
			}
		}
	}
	for _, y := range b.Arms {
		if !slices.ContainsFunc(a.Arms, func(x v1alpha1.Arm) bool { return x.Name == y.Name }) {
			found = append(found, fmt.Sprintf("arm %s is only in the report after", y.Name))
		}
	}
	return found
}

// dataPlane is what was found out about an arm's mesh; nothing where nobody looked.
func dataPlane(a v1alpha1.Arm) v1alpha1.DataPlane {
	if a.DataPlane == nil {
		return v1alpha1.DataPlane{}
	}
	return *a.DataPlane
}

// proxies are the settings of an arm's proxies that are known.
func proxies(a v1alpha1.Arm) string {
	var all []string
	for _, p := range dataPlane(a).Proxies {
		parts := []string{string(p.Side) + " " + p.Container}
		if p.CPULimitCores != nil {
			parts = append(parts, fmt.Sprintf("%g CPUs", *p.CPULimitCores))
		}
		if p.MemoryLimitBytes != nil {
			parts = append(parts, fmt.Sprintf("%g MiB", float64(*p.MemoryLimitBytes)/(1<<20)))
		}
		for _, one := range []struct {
			name    string
			setting *v1alpha1.Setting
		}{{"threads", p.Threads}, {"access log", p.AccessLog}, {"tracing", p.Tracing}, {"retries", p.Retries}} {
			if one.setting != nil {
				parts = append(parts, one.name+" "+one.setting.Value)
			}
		}
		all = append(all, strings.Join(parts, ", "))
	}
	slices.Sort(all)
	return strings.Join(all, "; ")
}

// beside are the images of the containers that others put beside the target.
func beside(a v1alpha1.Arm) string {
	var all []string
	if a.Target != nil {
		for _, c := range a.Target.Containers {
			if c.Injected {
				all = append(all, c.Name+" "+c.Image)
			}
		}
	}
	return strings.Join(all, ", ")
}

// placed says on how many nodes an arm's pods ran, and whether together.
func placed(r v1alpha1.Report, a v1alpha1.Arm) string {
	if a.Target == nil || a.Target.Node == "" {
		return ""
	}
	ways := map[string]bool{}
	for _, t := range r.Trials {
		if t.Arm != a.Name {
			continue
		}
		for _, p := range t.Pods {
			if p.Node == a.Target.Node {
				ways["same node"] = true
			} else if p.Node != "" {
				ways["cross node"] = true
			}
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(ways)), " and ")
}
