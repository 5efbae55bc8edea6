package workload

import (
	"encoding/json"
	"strconv"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/mesh"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// countersOf is what a worker on that side reads of the proxy in its pod; nil
// where the arm's mesh has none.
func countersOf(run Run, arm v1alpha1.Arm, side v1alpha1.Side) *wire.ProxyCounters {
	c := mesh.CounterOf(run.Counters[arm.Name], side)
	if c == nil {
		return nil
	}
	out := &wire.ProxyCounters{
		Port: c.Port, Path: c.Path,
		Requests:  wire.Counter{Name: c.Name, Labels: c.Labels},
		MTLSLabel: c.MTLSLabel, MTLSValue: c.MTLSValue,
	}
	if c.Connections != nil {
		out.Connections = &wire.Counter{Name: c.Connections.Name, Labels: c.Connections.Labels}
	}
	return out
}

// TargetKey authenticates what an arm's target says in its log.
func (r Run) TargetKey(arm v1alpha1.Arm) wire.Key { return r.Key.For("target", arm.Name) }

func targetArgs(run Run, arm v1alpha1.Arm, hop int) []string {
	key, _ := run.TargetKey(arm).MarshalText() // which cannot fail
	args := []string{"target", "--key", string(key),
		"--largest-body", strconv.FormatInt(max(run.Largest.RequestBytes, run.Largest.ResponseBytes), 10),
		"--longest-delay", run.Largest.ServerDelay.Duration.String()}
	if run.Drain != nil {
		args = append(args, "--drain", run.Drain.String())
	}
	args = append(args, nextArgs(run, arm, hop)...)
	c := countersOf(run, arm, v1alpha1.SideServer)
	if c == nil {
		return args
	}
	// Texts and numbers only, so that it cannot fail; without it the evidence
	// is less, and the trial the same.
	if text, err := json.Marshal(c); err == nil {
		args = append(args, "--counters", string(text))
	}
	return args
}
