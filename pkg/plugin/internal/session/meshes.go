package session

import (
	"context"
	"fmt"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/arms"
	"github.com/meshbench/kubectl-meshbench/pkg/core/mesh"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// meshes is what a session knows of the meshes of its arms.
type meshes struct {
	catalogue mesh.Catalogue
	// observed is what was seen of each arm before it had pods.
	observed map[string]mesh.Observation
}

func (r Request) recognise(ctx context.Context, at *Clusters, found []v1alpha1.Arm) ([]v1alpha1.Arm, meshes, error) {
	catalogue, err := mesh.Builtin()
	if err != nil {
		return nil, meshes{}, err
	}
	found, observed, err := arms.Recognise(ctx,
		func(context string) (arms.Meshes, error) { return at.In(context) }, catalogue, r.Experiments[0].Spec.Pods, found)
	return found, meshes{catalogue: catalogue, observed: observed}, err
}

// portsOf are those that targets listen on for protocols.
func portsOf(protocols []v1alpha1.Protocol) []int32 {
	var ports []int32
	for _, id := range protocols {
		if p, ok := wire.ProtocolOf(id); ok {
			ports = append(ports, p.Port)
		}
	}
	return ports
}

// examine puts into a report what its pods and probes show of each arm's mesh,
// voids the trials whose requests took another way than those of most, and tells
// the mesh's containers from others beside ours.
func (m meshes) examine(r *v1alpha1.Report, protocols []v1alpha1.Protocol) error {
	ports := portsOf(protocols)
	for i, arm := range r.Arms {
		d, astray, err := m.catalogue.Examine(arm, r.Trials, ports, m.observed[arm.Name])
		if err != nil {
			return fmt.Errorf("arm %s: %w", arm.Name, err)
		}
		r.Arms[i].DataPlane = &d
		for t := range r.Trials {
			if reason := astray[r.Trials[t].ID]; reason != "" {
				r.Trials[t].Status, r.Trials[t].Reason, r.Trials[t].OffPath = v1alpha1.TrialVoid, reason, true
			}
		}
	}
	m.catalogue.TellApart(r)
	return nil
}
