package plan

import (
	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
)

// spareFiles are those that a worker opens beside the connections of its load:
// logs, metrics, probes, and a few of /proc for each process and thread in the pod.
const spareFiles = 256

// OpenFiles is how many files and connections the busiest load pod, and the
// busiest target, have open at once.
func (p Plan) OpenFiles() (load, target int64) {
	for _, e := range p.Experiments {
		for _, l := range experiment.Levels(e) {
			clients := max(l.Clients, 1)
			share := (l.Connections + clients - 1) / clients
			load, target = max(load, int64(share)+spareFiles), max(target, int64(l.Connections*(1+calls(l)))+spareFiles)
		}
	}
	return load, target
}

// calls is how many connections a target has to the next for each that comes in.
func calls(l v1alpha1.Level) int {
	if !l.Chained() {
		return 0
	}
	return max(l.FanOut, 1)
}
