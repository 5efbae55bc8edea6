package view

import (
	"fmt"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/disturb"
	"github.com/meshbench/kubectl-meshbench/pkg/core/factor"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/quantity"
)

// Setting says what a level did, in a few words.
func Setting(p Panel) string {
	load := "closed loop"
	if !p.Level.Rate.ClosedLoop() {
		load = p.Level.Rate.String() + " requests/s"
	}
	s := p.Experiment.Spec.Schedule
	text := workload(p.Experiment.Spec, p.Level, load) +
		fmt.Sprintf("; %s of %s", upTo(s)+words.Count(s.Rounds, "round", "rounds"), s.Duration.Duration) + warmup(s)
	if d := p.Experiment.Spec.Disturbance; d != nil {
		text += "; " + disturb.Say(*d)
	}
	if c := p.Ceiling; c != nil {
		text += fmt.Sprintf("; ceiling without a mesh: %s (%s)", quantity.Text(c.PerSecond, v1alpha1.UnitPerSecond), c.Source)
	}
	return text
}

// upTo stands before a number of rounds that may be fewer.
func upTo(s v1alpha1.Schedule) string {
	if s.Precision > 0 {
		return "up to "
	}
	return ""
}

func warmup(s v1alpha1.Schedule) string {
	if s.Warmup == nil {
		return ""
	}
	return fmt.Sprintf(" after %s of warm-up", s.Warmup.Duration)
}

// workload says what is sent where.
func workload(spec v1alpha1.ExperimentSpec, l v1alpha1.Level, load string) string {
	request := string(l.Protocol)
	if p, ok := wire.ProtocolOf(l.Protocol); ok {
		request = p.Named(l.Request)
	}
	text := fmt.Sprintf("%s, %s, %s, %s", request, load, words.Count(l.Connections, "connection", "connections"),
		l.Placement)
	if n := spec.Nodes; n != nil {
		for _, pin := range []struct{ what, node string }{{"load", n.Load}, {"target", n.Target}} {
			if pin.node != "" {
				text += fmt.Sprintf(", %s pinned to %s", pin.what, pin.node)
			}
		}
	}
	for _, f := range factor.All() {
		if phrase := f.Phrase(l); phrase != "" {
			text += ", " + phrase
		}
	}
	return text
}
