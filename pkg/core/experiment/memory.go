package experiment

import (
	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/factor"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// checkMemory finds levels whose connections and bodies do not fit into a pod:
// it would be killed in the middle of a trial.
func checkMemory(c *checker, s v1alpha1.ExperimentSpec) {
	var load, target worst
	for _, l := range factor.Levels(s.Factors) {
		spec := factor.Apply(l, 0).Spec
		p, known := wire.ProtocolOf(spec.Protocol)
		if !known {
			continue // said already
		}
		load.take(p.Load.Bytes(spec.Connections, l.RequestBytes, l.ResponseBytes), l)
		if s.Target.Service != nil {
			continue // no target of ours
		}
		need := p.Target.Bytes(l.Connections, l.RequestBytes, l.ResponseBytes)
		if l.Chained() { // the first hop is a client as well
			need += p.Load.Bytes(l.Connections*max(l.FanOut, 1), l.RequestBytes, l.ResponseBytes) - wire.BaseBytes
		}
		target.take(need, l)
	}
	load.check(c, "spec.load.memory", s.Load, ", or set spec.factors.clients to share the connections")
	target.check(c, "spec.target.memory", s.Target.PodSize, "")
}

// worst is the level that needs most.
type worst struct {
	bytes int64
	level v1alpha1.Level
}

func (w *worst) take(bytes int64, l v1alpha1.Level) {
	if bytes > w.bytes {
		w.bytes, w.level = bytes, l
	}
}

func (w *worst) check(c *checker, field string, p v1alpha1.PodSize, or string) {
	if w.bytes <= p.Memory.Value() {
		return
	}
	const step = 32 << 20
	fits := (w.bytes + step - 1) / step * step >> 20
	l := w.level
	c.add(field,
		"%s is too little for %d connections of %s with requests of %d and responses of %d bytes: set it to %dMi%s",
		p.Memory, l.Connections, l.Protocol, l.RequestBytes, l.ResponseBytes, fits, or)
}
