package compare

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// differences are what makes two reports hard to compare: anything but the mesh
// cost itself that is not as it was.
func differences(a, b v1alpha1.Report) []string {
	var found []string
	differ := func(what, x, y string) {
		if x != y {
			found = append(found, fmt.Sprintf("%s differs: %q before, %q after", what, x, y))
		}
	}
	differ("cluster", a.Cluster.Context, b.Cluster.Context)
	differ("Kubernetes", a.Cluster.ServerVersion, b.Cluster.ServerVersion)
	differ("meshbench", a.Run.Version, b.Run.Version)
	differ("worker image", workers(a), workers(b))
	differ("hardware", hardware(a), hardware(b))
	differ("window without load, whose use of CPU is taken off the costs,", idle(a), idle(b))
	found = append(found, experimentsDiffer(a, b)...)
	found = append(found, armsDiffer(a, b)...)
	if a.Run.ID == b.Run.ID {
		found = append(found, "both are the report of one run")
	}
	return found
}

// hardware tells machines apart, not their names: nodes come and go.
func hardware(r v1alpha1.Report) string {
	var all []string
	for _, n := range r.Cluster.Nodes {
		all = append(all, fmt.Sprintf("%d x %s, kernel %s", n.CPUs, n.CPUModel, n.Kernel))
	}
	slices.Sort(all)
	return strings.Join(all, "; ")
}

func idle(r v1alpha1.Report) string {
	if r.Idle == nil {
		return "not measured"
	}
	return "measured"
}

// workers are the contents of our own image that really ran.
func workers(r v1alpha1.Report) string {
	ids := map[string]bool{}
	add := func(p v1alpha1.Pod) {
		for _, c := range p.Containers {
			if !c.Injected && c.ImageID != "" {
				ids[c.ImageID] = true
			}
		}
	}
	for _, arm := range r.Arms {
		if arm.Target != nil {
			add(*arm.Target)
		}
	}
	for _, t := range r.Trials {
		for _, p := range t.Pods {
			add(p)
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(ids)), ", ")
}

// experimentsDiffer names every parameter of an experiment that both reports
// hold and that is not the same in both.
func experimentsDiffer(a, b v1alpha1.Report) []string {
	var found []string
	for _, x := range a.Experiments {
		i := slices.IndexFunc(b.Experiments, func(y v1alpha1.Experiment) bool { return x.Metadata.Name == y.Metadata.Name })
		if i < 0 {
			found = append(found, fmt.Sprintf("experiment %s is only in the report before", x.Metadata.Name))
			continue
		}
		before, after := parameters(x), parameters(b.Experiments[i])
		fields := maps.Clone(before)
		maps.Copy(fields, after)
		for _, field := range slices.Sorted(maps.Keys(fields)) {
			if before[field] != after[field] {
				found = append(found, fmt.Sprintf("%s of %s differs: %s before, %s after", field, x.Metadata.Name, orNothing(before[field]), orNothing(after[field])))
			}
		}
	}
	for _, y := range b.Experiments {
		if !slices.ContainsFunc(a.Experiments, func(x v1alpha1.Experiment) bool { return x.Metadata.Name == y.Metadata.Name }) {
			found = append(found, fmt.Sprintf("experiment %s is only in the report after", y.Metadata.Name))
		}
	}
	return found
}

func orNothing(text string) string {
	if text == "" {
		return "nothing"
	}
	return text
}

// parameters are the fields of an experiment that change what is measured, by
// their path.
func parameters(e v1alpha1.Experiment) map[string]string {
	// Neither what it asks, nor what it is held to, nor the order of its trials;
	// a profile only stands for values that are there as well.
	e.Spec.Question, e.Spec.SLOs = "", nil
	e.Spec.Schedule.Seed, e.Spec.Schedule.Profile = nil, ""
	out := map[string]string{}
	data, err := json.Marshal(e.Spec)
	var tree map[string]any
	if err != nil || json.Unmarshal(data, &tree) != nil {
		return out
	}
	flatten(tree, "", out)
	return out
}

func flatten(node map[string]any, path string, into map[string]string) {
	for name, value := range node {
		full := strings.TrimPrefix(path+"."+name, ".")
		if child, ok := value.(map[string]any); ok {
			flatten(child, full, into)
			continue
		}
		into[full] = strings.ReplaceAll(fmt.Sprint(value), " ", ", ")
	}
}

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
