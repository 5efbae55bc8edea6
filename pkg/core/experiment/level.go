package experiment

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// DefaultLevel is the id of the only level of an experiment that sweeps nothing.
const DefaultLevel = "default"

// Levels unfolds the factors of a resolved experiment into every combination
// of their values, in the order in which the document gives them. Only the
// swept factors appear in a level's id.
func Levels(e v1alpha1.Experiment) []v1alpha1.Level {
	return unfold(e.Spec.Factors)
}

// Arms are those that take part in an experiment, in the same order.
func Arms(e v1alpha1.Experiment, all []v1alpha1.Arm) []v1alpha1.Arm {
	var some []v1alpha1.Arm
	for _, a := range all {
		if e.Spec.Arms.Includes(a.Role) {
			some = append(some, a)
		}
	}
	return some
}

func unfold(f v1alpha1.Factors) []v1alpha1.Level {
	levels := []v1alpha1.Level{{}}
	levels = sweep(levels, "protocol", f.Protocol, func(l *v1alpha1.Level, v v1alpha1.Protocol) { l.Protocol = v })
	levels = sweep(levels, "rate", f.Rate, func(l *v1alpha1.Level, v v1alpha1.Rate) { l.Rate = v })
	levels = sweep(levels, "connections", f.Connections, func(l *v1alpha1.Level, v int) { l.Connections = v })
	levels = sweep(levels, "clients", f.Clients, func(l *v1alpha1.Level, v int) { l.Clients = v })
	levels = sweep(levels, "placement", f.Placement, func(l *v1alpha1.Level, v v1alpha1.Placement) { l.Placement = v })
	levels = sweep(levels, "requestBytes", f.RequestBytes, func(l *v1alpha1.Level, v int64) { l.RequestBytes = v })
	levels = sweep(levels, "responseBytes", f.ResponseBytes, func(l *v1alpha1.Level, v int64) { l.ResponseBytes = v })
	levels = sweep(levels, "requestsPerConnection", f.RequestsPerConnection,
		func(l *v1alpha1.Level, v int) { l.RequestsPerConnection = v })
	levels = sweep(levels, "serverDelay", f.ServerDelay,
		func(l *v1alpha1.Level, v v1alpha1.Duration) { l.ServerDelay = v })
	for i := range levels {
		if levels[i].ID == "" {
			levels[i].ID = DefaultLevel
		}
	}
	return levels
}

// sweep returns every level once for each value of one factor.
func sweep[T any](levels []v1alpha1.Level, name string, values []T, set func(*v1alpha1.Level, T)) []v1alpha1.Level {
	var out []v1alpha1.Level
	for _, level := range levels {
		for _, v := range values {
			next := level
			set(&next, v)
			if len(values) > 1 {
				next.ID = strings.TrimPrefix(fmt.Sprintf("%s,%s=%s", level.ID, name, text(v)), ",")
			}
			out = append(out, next)
			if len(out) > maxLevels {
				return out // enough to be refused; a hostile document could ask for billions
			}
		}
	}
	return out
}

func text(v any) string {
	if d, ok := v.(v1alpha1.Duration); ok {
		return d.Duration.String()
	}
	return fmt.Sprint(v)
}

// BaselineOnly reports whether none of the experiments needs a meshed arm.
func BaselineOnly(all []v1alpha1.Experiment) bool {
	return !slices.ContainsFunc(all, func(e v1alpha1.Experiment) bool { return e.Spec.Arms != v1alpha1.ArmsBaseline })
}
