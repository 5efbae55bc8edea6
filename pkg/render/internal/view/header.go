package view

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/precision"
	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// Fact is one line of what ran where.
type Fact struct{ Name, Text string }

// Facts says what a reader needs to judge the numbers.
func Facts(r v1alpha1.Report) []Fact {
	run := r.Run
	all := []Fact{{"run",
		fmt.Sprintf("%s, %s, took %s, seed %d", run.ID, run.StartedAt.UTC().Format("2006-01-02 15:04 UTC"),
			run.FinishedAt.Sub(run.StartedAt).Round(time.Second), run.Seed)}}
	if run.Interrupted {
		all = append(all,
			Fact{"stopped",
				fmt.Sprintf("interrupted after %d of %s: what follows is not the whole run", len(r.Trials),
					words.Count(run.PlannedTrials, "trial", "trials"))})
	}
	for _, p := range r.Precisions {
		all = append(all, Fact{"precision", precision.Say(p)})
	}
	cluster := []string{r.Cluster.Context}
	if r.Cluster.ServerVersion != "" {
		cluster = append(cluster, "Kubernetes "+r.Cluster.ServerVersion)
	}
	all = append(all, Fact{"cluster", strings.Join(cluster, ", ")})
	for _, n := range r.Cluster.Nodes {
		all = append(all, Fact{"node", describe(n)})
	}
	all = append(all, Fact{"worker", run.WorkerImage})
	if len(r.Experiments) > 0 && !r.Experiments[0].Spec.Pods.IsZero() { // all experiments of a run agree on it
		all = append(all, Fact{"pods", podsOf(r.Experiments[0].Spec.Pods)})
	}
	for _, a := range r.Arms {
		all = append(all, Fact{string(a.Role), armText(r, a)})
	}
	for i := range all {
		all[i].Text = term.Clean(all[i].Text)
	}
	return all
}

// ArmFacts name the arms with the mesh of each and its version, and nothing else.
func ArmFacts(r v1alpha1.Report) []Fact {
	var all []Fact
	for _, a := range r.Arms {
		text := "no mesh"
		if parts := meshText(a); len(parts) > 0 && strings.HasPrefix(parts[0], "mesh ") {
			text = strings.TrimPrefix(parts[0], "mesh ")
		} else if a.Role == v1alpha1.RoleMeshed {
			text = "mesh unknown"
		}
		all = append(all, Fact{term.Clean(a.Name), term.Clean(text)})
	}
	return all
}

func describe(n v1alpha1.Node) string {
	parts := []string{n.Name}
	switch {
	case n.CPUs > 0 && n.CPUModel != "":
		parts = append(parts, fmt.Sprintf("%d x %s", n.CPUs, n.CPUModel))
	case n.CPUs > 0:
		parts = append(parts, words.Count(n.CPUs, "CPU", "CPUs"))
	}
	if n.MemoryBytes > 0 {
		parts = append(parts, fmt.Sprintf("%.0f GiB", float64(n.MemoryBytes)/(1<<30)))
	}
	for _, f := range []struct{ what, value string }{{"kernel ", n.Kernel}, {"", n.ContainerRuntime}, {"zone ", n.Zone}} {
		if f.value != "" {
			parts = append(parts, f.what+f.value)
		}
	}
	return strings.Join(parts, ", ")
}

// targetsOn says where an arm's targets were.
func targetsOn(a v1alpha1.Arm) string {
	all := a.Targets()
	if len(all) < 2 {
		return "target on " + a.Target.Node
	}
	var nodes []string
	for _, p := range all {
		if p.Node != "" && !slices.Contains(nodes, p.Node) {
			nodes = append(nodes, p.Node)
		}
	}
	return fmt.Sprintf("%d targets on %s", len(all), strings.Join(nodes, ", "))
}

func armText(r v1alpha1.Report, a v1alpha1.Arm) string {
	parts := []string{a.Name}
	if a.Namespace != a.Name {
		parts = append(parts, "namespace "+a.Namespace)
	}
	parts = append(parts, meshText(a)...)
	if a.Target != nil {
		if a.Target.Node != "" {
			parts = append(parts, targetsOn(a))
		}
		if names := injected(*a.Target); len(names) > 0 {
			parts = append(parts, "injected beside it: "+strings.Join(names, ", "))
		}
	}
	nodes, beside := map[string]bool{}, map[string]bool{}
	for _, t := range r.Trials {
		if t.Arm != a.Name {
			continue
		}
		for _, p := range t.Pods {
			nodes[p.Node] = p.Node != ""
			for _, name := range injected(p) {
				beside[name] = true
			}
		}
	}
	if len(nodes) > 0 {
		parts = append(parts, "load on "+strings.Join(slices.Sorted(maps.Keys(nodes)), ", "))
	}
	if len(beside) > 0 {
		parts = append(parts, "injected beside it: "+strings.Join(slices.Sorted(maps.Keys(beside)), ", "))
	}
	return strings.Join(parts, "; ")
}

func injected(p v1alpha1.Pod) []string {
	var names []string
	for _, c := range p.Containers {
		if c.Injected {
			names = append(names, c.Name)
		}
	}
	return names
}

// Note is a finding as a line of text.
type Note struct {
	Severity v1alpha1.Severity
	// Label is "WARN errors", Scope says what it is about.
	Label, Scope, Text string
}

// Notes puts findings into words, the same finding only once for all places it
// holds in.
func Notes(r v1alpha1.Report) []Note {
	type same struct{ code, evidence string }
	seen := map[same]int{}
	var all []Note
	for _, f := range r.Findings {
		scope := scopeOf(f, len(r.Experiments))
		if i, ok := seen[same{f.Code, f.Evidence}]; ok {
			if scope != "" && !strings.Contains(all[i].Scope, scope) {
				all[i].Scope += ", " + scope
			}
			continue
		}
		seen[same{f.Code, f.Evidence}] = len(all)
		text := strings.TrimSuffix(f.Evidence, ".") + "."
		if f.Advice != "" {
			text += " " + f.Advice
		}
		all = append(all, Note{
			Severity: f.Severity, Label: strings.ToUpper(string(f.Severity)) + " " + term.Clean(f.Code),
			Scope: term.Clean(scope), Text: term.Clean(text),
		})
	}
	return all
}

func scopeOf(f v1alpha1.Finding, experiments int) string {
	if f.Trial != "" {
		return f.Trial
	}
	return ScopeText(f.Scope, experiments)
}

// ScopeText leaves out what goes without saying.
func ScopeText(s v1alpha1.Scope, experiments int) string {
	var parts []string
	if s.Experiment != "" && experiments > 1 {
		parts = append(parts, s.Experiment)
	}
	if s.Level != "" && s.Level != "default" {
		parts = append(parts, s.Level)
	}
	if s.Arm != "" {
		parts = append(parts, s.Arm)
	}
	return strings.Join(parts, "/")
}
