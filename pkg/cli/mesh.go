package cli

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/mesh"
	"github.com/meshbench/kubectl-meshbench/pkg/preflight"
	"github.com/meshbench/kubectl-meshbench/pkg/workload"
)

// meshes is what a run knows of the meshes of its arms.
type meshes struct {
	catalogue mesh.Catalogue
	// observed is what was seen of each arm before it had pods.
	observed map[string]mesh.Observation
}

// recognise finds out which mesh each arm is in, in the arm's own cluster.
func (c *clusters) recognise(ctx context.Context, arms []v1alpha1.Arm) ([]v1alpha1.Arm, meshes, error) {
	catalogue, err := mesh.Builtin()
	if err != nil {
		return nil, meshes{}, err
	}
	out := meshes{catalogue: catalogue, observed: map[string]mesh.Observation{}}
	known := slices.Clone(arms)
	for _, name := range append([]string{""}, contexts(arms)...) {
		here := armsIn(arms, name)
		if len(here) == 0 {
			continue
		}
		client, err := c.in(name)
		if err != nil {
			return nil, out, err
		}
		found, observed, err := preflight.Recognise(ctx, client, catalogue, here)
		if err != nil {
			return nil, out, err
		}
		maps.Copy(out.observed, observed)
		for _, arm := range found {
			known[slices.IndexFunc(known, func(a v1alpha1.Arm) bool { return a.Name == arm.Name })] = arm
		}
	}
	return known, out, nil
}

// portsOf are those that targets listen on for protocols.
func portsOf(protocols []v1alpha1.Protocol) []int32 {
	var ports []int32
	for _, p := range protocols {
		ports = append(ports, int32(workload.PortOf(p)))
	}
	return ports
}

// examine puts into a report what its pods and probes show of each arm's mesh.
func (m meshes) examine(r *v1alpha1.Report, protocols []v1alpha1.Protocol) error {
	ports := portsOf(protocols)
	for i, arm := range r.Arms {
		d, err := m.catalogue.Examine(arm, r.Trials, ports, m.observed[arm.Name])
		if err != nil {
			return fmt.Errorf("arm %s: %w", arm.Name, err)
		}
		r.Arms[i].DataPlane = &d
	}
	return nil
}
