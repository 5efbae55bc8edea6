package compare

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/factor"
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
	differ("sources of CPU and memory", sources(a), sources(b))
	differ("window without load, whose use of CPU is taken off the costs,", idle(a), idle(b))
	found = append(found, experimentsDiffer(a, b)...)
	found = append(found, armsDiffer(a, b)...)
	if a.Run.ID == b.Run.ID {
		found = append(found, "both are the report of one run")
	}
	return found
}

// allDifferences are those of each report to the first of the other side, each
// said once.
func allDifferences(before, after []v1alpha1.Report) []string {
	var found []string
	add := func(all []string) {
		for _, one := range all {
			if !slices.Contains(found, one) {
				found = append(found, one)
			}
		}
	}
	for _, b := range before {
		add(differences(b, after[0]))
	}
	for _, a := range after {
		add(differences(before[0], a))
	}
	return found
}

// hardware tells machines apart, not their names: nodes come and go.
func hardware(r v1alpha1.Report) string {
	var all []string
	for _, cluster := range append([]v1alpha1.Cluster{r.Cluster}, r.OtherClusters...) {
		for _, n := range cluster.Nodes {
			all = append(all, fmt.Sprintf("%d x %s, kernel %s", n.CPUs, n.CPUModel, n.Kernel))
		}
	}
	slices.Sort(all)
	return strings.Join(all, "; ")
}

// sources are those that measured anything in some trial. What they call the use
// of a container or a node is not quite the same.
func sources(r v1alpha1.Report) string {
	used := map[string]bool{}
	for _, t := range r.Trials {
		if t.Resources == nil {
			continue
		}
		for _, s := range t.Resources.Sources {
			if s.Missing == "" {
				used[string(s.Name)] = true
			}
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(used)), ", ")
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
		for _, p := range arm.Targets() {
			add(p)
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
				found = append(found,
					fmt.Sprintf("%s of %s differs: %s before, %s after", field, x.Metadata.Name, orNothing(before[field]),
						orNothing(after[field])))
			}
		}
	}
	for _, y := range b.Experiments {
		if !slices.ContainsFunc(a.Experiments,
			func(x v1alpha1.Experiment) bool { return x.Metadata.Name == y.Metadata.Name }) {
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
	e.Spec = factor.Filled(e.Spec)
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
