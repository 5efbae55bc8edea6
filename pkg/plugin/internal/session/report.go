package session

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/runner"
)

// assembly is everything a report is put together from.
type assembly struct {
	plan      plan.Plan
	outcome   runner.Outcome
	facts     v1alpha1.Cluster
	elsewhere []v1alpha1.Cluster
	// in opens the cluster of a context.
	in           func(context string) (Cluster, error)
	version      string
	begun, ended time.Time
}

// assemble returns the report of a run, still without its analysis.
func assemble(ctx context.Context, a assembly) v1alpha1.Report {
	r := v1alpha1.Report{
		APIVersion: v1alpha1.APIVersion,
		Kind:       v1alpha1.KindReport,
		Metadata:   v1alpha1.Metadata{Name: a.plan.Run.ID},
		Run: v1alpha1.Run{
			ID:            a.plan.Run.ID,
			StartedAt:     a.begun.UTC(),
			FinishedAt:    a.ended.UTC(),
			Seed:          a.plan.Seed,
			Version:       a.version,
			WorkerImage:   a.plan.Run.Image,
			Interrupted:   a.outcome.Interrupted,
			PlannedTrials: plannedTrials(a.outcome.Planned, a.outcome.Trials),
		},
		Experiments: a.plan.Experiments,
		Cluster:     a.facts,
		Arms:        a.outcome.Arms,
		Idle:        a.outcome.Idle,
		IdleWindows: a.outcome.IdleWindows,
		Trials:      a.outcome.Trials,
	}
	r.Cluster.Nodes = a.nodesOf(ctx, "")
	for _, other := range a.elsewhere {
		other.Nodes = a.nodesOf(ctx, other.Context)
		r.OtherClusters = append(r.OtherClusters, other)
	}
	return r
}

// nodesOf describes the nodes of one cluster that ran pods of the run.
func (a assembly) nodesOf(ctx context.Context, in string) []v1alpha1.Node {
	seen := map[string]v1alpha1.Node{}
	for key, node := range a.outcome.Nodes {
		if key.Context == in {
			seen[key.Name] = node
		}
	}
	for _, arm := range a.outcome.Arms {
		if arm.Context != in {
			continue
		}
		for _, target := range arm.Targets() {
			if _, known := seen[target.Node]; !known && target.Node != "" {
				seen[target.Node] = v1alpha1.Node{Name: target.Node}
			}
		}
	}
	var all []v1alpha1.Node
	for _, name := range slices.Sorted(maps.Keys(seen)) {
		node := seen[name]
		if from, err := a.in(in); err == nil {
			node = described(node, from.Node(ctx, name))
		}
		all = append(all, node)
	}
	return all
}

// described adds what the API server says of a node to what the worker saw.
func described(node, stored v1alpha1.Node) v1alpha1.Node {
	node.ContainerRuntime, node.Kubelet, node.Zone = stored.ContainerRuntime, stored.Kubelet, stored.Zone
	if node.Kernel == "" {
		node.Kernel, node.Architecture = stored.Kernel, stored.Architecture
	}
	if node.CPUs == 0 {
		node.CPUs, node.MemoryBytes = stored.CPUs, stored.MemoryBytes
	}
	return node
}

func levelsOf(p plan.Plan) map[string][]v1alpha1.Level {
	levels := map[string][]v1alpha1.Level{}
	for _, e := range p.Experiments {
		levels[e.Metadata.Name] = experiment.Levels(e)
	}
	return levels
}

// plannedTrials counts those of the plan without what a precision did not need,
// and of searches those that were run.
func plannedTrials(planned []plan.Trial, ran []v1alpha1.Trial) int {
	n := len(planned)
	for _, t := range ran {
		if t.Rate != nil {
			n++
		}
	}
	return n
}
