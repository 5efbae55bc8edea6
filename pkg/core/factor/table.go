package factor

import (
	"fmt"
	"strconv"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
)

const (
	// MaxRate is the highest rate that may be asked for, in requests per second.
	MaxRate = 10_000_000

	// MaxHops is the most targets that a request may go through.
	MaxHops = 16
	// MaxFanOut is the most calls that the first of them may make at once.
	MaxFanOut = 32
	// MaxReplicas is the most targets that an arm may have.
	MaxReplicas = 64

	defaultConnections = 32
)

// All are the factors, in the order in which they are swept and shown.
func All() []Factor {
	return []Factor{
		protocol(), rate(), connections(), clients(), placement(), replicas(),
		requestBytes(), responseBytes(), requestsPerConnection(), serverDelay(), slowRatio(), errorRatio(), hops(), fanOut(),
	}
}

func protocol() Factor {
	return of(definition[v1alpha1.Protocol]{
		name:     "protocol",
		values:   func(f *v1alpha1.Factors) *v1alpha1.Values[v1alpha1.Protocol] { return &f.Protocol },
		fallback: always(v1alpha1.ProtocolHTTP1),
		allowed:  oneOf(wire.ProtocolIDs()...),
		deep:     itself[v1alpha1.Protocol], bounds: equal[v1alpha1.Protocol],
		column: "protocol", cell: func(p v1alpha1.Protocol) string { return string(p) },
	}, func(l *v1alpha1.Level) *v1alpha1.Protocol { return &l.Protocol },
		func(l v1alpha1.Level, to *Setting) { to.Spec.Protocol = l.Protocol })
}

func rate() Factor {
	return of(definition[v1alpha1.Rate]{
		name:     "rate",
		values:   func(f *v1alpha1.Factors) *v1alpha1.Values[v1alpha1.Rate] { return &f.Rate },
		fallback: always(v1alpha1.RateMax),
		allowed:  within[v1alpha1.Rate](0, MaxRate),
		deep:     to(v1alpha1.RateMax),
		bounds:   func(_, _ v1alpha1.Rate) bool { return true },
		column:   "ratePerSecond", cell: rateCell,
		axis: &axis[v1alpha1.Rate]{label: "requests per second asked for",
			at: func(r v1alpha1.Rate) (float64, bool) { return float64(r), !r.ClosedLoop() }},
	}, func(l *v1alpha1.Level) *v1alpha1.Rate { return &l.Rate },
		func(l v1alpha1.Level, to *Setting) { to.Spec.Rate = l.Rate })
}

// rateCell is empty for a closed loop: it has no rate to ask for, and 0 would be one.
func rateCell(r v1alpha1.Rate) string {
	if r.ClosedLoop() {
		return ""
	}
	return number(float64(r))
}

func connections() Factor {
	return of(definition[int]{
		name:     "connections",
		values:   func(f *v1alpha1.Factors) *v1alpha1.Values[int] { return &f.Connections },
		fallback: always(defaultConnections),
		allowed:  within(1, 10_000),
		deep:     to(1), bounds: equal[int],
		column: "connections", cell: strconv.Itoa,
		axis: counted[int]("connections"),
	}, func(l *v1alpha1.Level) *int { return &l.Connections },
		func(l v1alpha1.Level, to *Setting) {
			to.Spec.Connections = l.Connections / l.Clients
			if to.Spec.Client < l.Connections%l.Clients {
				to.Spec.Connections++
			}
		})
}

func clients() Factor {
	return of(definition[int]{
		name:     "clients",
		values:   func(f *v1alpha1.Factors) *v1alpha1.Values[int] { return &f.Clients },
		fallback: always(1),
		allowed:  within(1, 64),
		deep:     to(1), bounds: equal[int],
		column: "clients", cell: strconv.Itoa,
		phrase: func(n int) string { return unless(n == 1, fmt.Sprintf("%d load pods", n)) },
		axis:   counted[int]("load pods"),
	}, func(l *v1alpha1.Level) *int { return &l.Clients },
		func(l v1alpha1.Level, to *Setting) { to.Spec.Clients = l.Clients })
}

func placement() Factor {
	return of(definition[v1alpha1.Placement]{
		name:     "placement",
		values:   func(f *v1alpha1.Factors) *v1alpha1.Values[v1alpha1.Placement] { return &f.Placement },
		fallback: impliedPlacement,
		allowed:  oneOf(v1alpha1.PlacementCrossNode, v1alpha1.PlacementSameNode, v1alpha1.PlacementAny),
		deep:     itself[v1alpha1.Placement], bounds: equal[v1alpha1.Placement],
		column: "placement", cell: func(p v1alpha1.Placement) string { return string(p) },
	}, func(l *v1alpha1.Level) *v1alpha1.Placement { return &l.Placement },
		func(l v1alpha1.Level, to *Setting) { to.Placement = l.Placement })
}

// impliedPlacement is what pinned nodes leave of the choice.
func impliedPlacement(s v1alpha1.ExperimentSpec) v1alpha1.Placement {
	if s.Target.Service != nil {
		return v1alpha1.PlacementAny
	}
	if n := s.Nodes; n != nil && n.Load != "" && n.Load == n.Target {
		return v1alpha1.PlacementSameNode
	}
	return v1alpha1.PlacementCrossNode
}

func replicas() Factor {
	return of(definition[int]{
		name:     "replicas",
		values:   func(f *v1alpha1.Factors) *v1alpha1.Values[int] { return &f.Replicas },
		fallback: always(1),
		allowed:  within(1, MaxReplicas),
		deep:     itself[int], bounds: equal[int],
		column: "replicas", cell: func(n int) string { return strconv.Itoa(max(n, 1)) },
		phrase: func(n int) string { return unless(n <= 1, fmt.Sprintf("%d targets", n)) },
		axis:   counted[int]("targets"),
	}, func(l *v1alpha1.Level) *int { return &l.Replicas },
		func(l v1alpha1.Level, to *Setting) { to.Spec.Replicas = l.Replicas })
}

func requestBytes() Factor {
	return ofRequest(definition[int64]{
		name:     "requestBytes",
		values:   func(f *v1alpha1.Factors) *v1alpha1.Values[int64] { return &f.RequestBytes },
		fallback: always[int64](0),
		allowed:  within[int64](0, wire.MaxBodyBytes),
		deep:     itself[int64], bounds: atMost[int64],
		column: "requestBytes", cell: integer,
		phrase: func(n int64) string { return unless(n == 0, fmt.Sprintf("requests of %s bytes", words.Thousands(n))) },
		axis:   counted[int64]("bytes of a request's body"),
	}, func(r *v1alpha1.Request) *int64 { return &r.RequestBytes })
}

func responseBytes() Factor {
	return ofRequest(definition[int64]{
		name:     "responseBytes",
		values:   func(f *v1alpha1.Factors) *v1alpha1.Values[int64] { return &f.ResponseBytes },
		fallback: always[int64](0),
		allowed:  within[int64](0, wire.MaxBodyBytes),
		deep:     itself[int64], bounds: atMost[int64],
		column: "responseBytes", cell: integer,
		phrase: func(n int64) string { return unless(n == 0, fmt.Sprintf("responses of %s bytes", words.Thousands(n))) },
		axis:   counted[int64]("bytes of a response's body"),
	}, func(r *v1alpha1.Request) *int64 { return &r.ResponseBytes })
}

func requestsPerConnection() Factor {
	return ofRequest(definition[int]{
		name:     "requestsPerConnection",
		values:   func(f *v1alpha1.Factors) *v1alpha1.Values[int] { return &f.RequestsPerConnection },
		fallback: always(0),
		allowed:  within(0, 1_000_000_000),
		deep:     to(0), bounds: equal[int],
		column: "requestsPerConnection", cell: strconv.Itoa,
		phrase: func(n int) string { return unless(n == 0, words.Count(n, "request", "requests")+" a connection") },
		axis:   counted[int]("requests on each connection"),
	}, func(r *v1alpha1.Request) *int { return &r.RequestsPerConnection })
}

func serverDelay() Factor {
	return ofRequest(definition[v1alpha1.Duration]{
		name:     "serverDelay",
		values:   func(f *v1alpha1.Factors) *v1alpha1.Values[v1alpha1.Duration] { return &f.ServerDelay },
		fallback: always(v1alpha1.Duration{}),
		allowed:  lasting(0, time.Minute),
		deep:     to(v1alpha1.Duration{}),
		bounds:   func(ceiling, other v1alpha1.Duration) bool { return ceiling.Duration <= other.Duration },
		column:   "serverDelaySeconds", cell: func(d v1alpha1.Duration) string { return number(d.Seconds()) },
		phrase: func(d v1alpha1.Duration) string {
			return unless(d.Duration == 0, fmt.Sprintf("server delay %s", d.Duration))
		},
		axis: &axis[v1alpha1.Duration]{label: "delay of the target", unit: v1alpha1.UnitSeconds,
			at: func(d v1alpha1.Duration) (float64, bool) { return d.Seconds(), true }},
	}, func(r *v1alpha1.Request) *v1alpha1.Duration { return &r.ServerDelay })
}

func slowRatio() Factor {
	return ofRequest(definition[float64]{
		name:     "slowRatio",
		values:   func(f *v1alpha1.Factors) *v1alpha1.Values[float64] { return &f.SlowRatio },
		fallback: always(1.0),
		allowed:  within(0.0, 1),
		deep:     to(1.0), bounds: atMost[float64],
		column: "slowRatio", cell: number,
		phrase: func(v float64) string { return unless(v == 1, fmt.Sprintf("%s of the requests are slow", percent(v))) },
		axis: &axis[float64]{label: "share of slow requests", unit: v1alpha1.UnitRatio,
			at: func(v float64) (float64, bool) { return v, true }},
	}, func(r *v1alpha1.Request) *float64 { return &r.SlowRatio })
}

func errorRatio() Factor {
	return ofRequest(definition[float64]{
		name:     "errorRatio",
		values:   func(f *v1alpha1.Factors) *v1alpha1.Values[float64] { return &f.ErrorRatio },
		fallback: always(0.0),
		allowed:  within(0.0, 1),
		// Retries are more to do for each request that is answered.
		deep: to(0.0), bounds: equal[float64],
		column: "errorRatio", cell: number,
		phrase: func(v float64) string { return unless(v == 0, fmt.Sprintf("the target fails %s", percent(v))) },
		axis: &axis[float64]{label: "share of requests that the target fails", unit: v1alpha1.UnitRatio,
			at: func(v float64) (float64, bool) { return v, true }},
	}, func(r *v1alpha1.Request) *float64 { return &r.ErrorRatio })
}

func hops() Factor {
	return ofRequest(definition[int]{
		name:     "hops",
		values:   func(f *v1alpha1.Factors) *v1alpha1.Values[int] { return &f.Hops },
		fallback: always(1),
		allowed:  within(1, MaxHops),
		deep:     itself[int], bounds: atMost[int],
		column: "hops", cell: func(n int) string { return strconv.Itoa(max(n, 1)) },
		phrase: func(n int) string { return unless(n <= 1, fmt.Sprintf("%d hops", n)) },
		axis:   stepped(counted[int]("hops"), "hop"),
	}, func(r *v1alpha1.Request) *int { return &r.Hops })
}

func fanOut() Factor {
	return ofRequest(definition[int]{
		name:     "fanOut",
		values:   func(f *v1alpha1.Factors) *v1alpha1.Values[int] { return &f.FanOut },
		fallback: always(1),
		allowed:  within(1, MaxFanOut),
		deep:     itself[int], bounds: atMost[int],
		column: "fanOut", cell: func(n int) string { return strconv.Itoa(max(n, 1)) },
		phrase: func(n int) string { return unless(n <= 1, fmt.Sprintf("%d calls at once by the first target", n)) },
		axis:   counted[int]("calls at once by the first target"),
	}, func(r *v1alpha1.Request) *int { return &r.FanOut })
}
