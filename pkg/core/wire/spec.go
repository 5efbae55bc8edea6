package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// LoadSpec tells a load worker what to do. It does it once and ends.
type LoadSpec struct {
	// Version must equal the worker's Version.
	Version int `json:"version"`
	// Key authenticates the frames.
	Key Key `json:"key,omitzero"`
	// TargetKey is what the target proves itself with, and requests are marked by.
	TargetKey Key `json:"targetKey,omitzero"`
	// Trial is the id of the trial, echoed in the first frame.
	Trial string `json:"trial"`
	// Client counts the load pods of a trial from 0; Clients is their number.
	Client  int `json:"client"`
	Clients int `json:"clients"`
	// Target is the address of the target service, host:port.
	Target   string            `json:"target"`
	Protocol v1alpha1.Protocol `json:"protocol"`
	// Replicas is the number of targets behind that address. Of several, one answers a
	// probe: it says nothing of the others.
	Replicas int `json:"replicas,omitempty"`
	// Rate is that of the whole trial; this worker takes every Clients-th request.
	Rate v1alpha1.Rate `json:"rate"`
	// Connections is this worker's share.
	Connections int `json:"connections"`
	// Request is what every request asks for.
	v1alpha1.Request `json:",inline"`
	// Service is what is asked of a Service of the user's in place of a target; nil for
	// a target.
	Service *ServiceCall `json:"service,omitempty"`
	// DrawSeed is that of the target's draws, where Request asks for any.
	DrawSeed       uint64            `json:"drawSeed,omitempty"`
	Warmup         v1alpha1.Duration `json:"warmup"`
	Window         v1alpha1.Duration `json:"window"`
	RequestTimeout v1alpha1.Duration `json:"requestTimeout"`
	// ReadyTimeout bounds the wait for the first answer of the target: a
	// sidecar may come up after us.
	ReadyTimeout v1alpha1.Duration `json:"readyTimeout"`
	// StartAt is the wall-clock instant of the window's start, shared by all
	// load pods of a trial. If nil, the window starts one warm-up after the
	// target's first answer. A worker that is ready later than StartAt fails.
	StartAt *time.Time `json:"startAt,omitempty"`
	// DisturbedAt is when, in the window, the targets are disturbed; nil for never.
	DisturbedAt *v1alpha1.Duration `json:"disturbedAt,omitempty"`
	// Counters are those of the proxy beside the load worker; nil for none.
	Counters *ProxyCounters `json:"counters,omitempty"`
}

// ParseLoadSpec reads the worker's argument and checks it.
func ParseLoadSpec(data []byte) (LoadSpec, error) {
	var s LoadSpec
	if err := json.Unmarshal(data, &s); err != nil {
		return LoadSpec{}, fmt.Errorf("load specification: %w", err)
	}
	if s.Version != Version {
		return LoadSpec{},
			fmt.Errorf("load specification has version %d, this worker speaks version %d: use plugin and worker of one release",
				s.Version, Version)
	}
	return s, s.validate()
}

func (s LoadSpec) validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf("load specification: "+format, args...))
		}
	}
	check(s.Target != "", "target is empty")
	_, known := ProtocolOf(s.Protocol)
	check(known, "protocol %q is not known", s.Protocol)
	check(s.Connections >= 1 && s.Connections <= 10_000, "connections is %d, want 1 to 10000", s.Connections)
	check(s.Clients >= 1 && s.Client >= 0 && s.Client < s.Clients, "client %d of %d", s.Client, s.Clients)
	check(s.Rate >= 0, "rate is %v, want 0 or more", float64(s.Rate))
	check(s.Window.Duration > 0, "window is %s, want more than 0", s.Window.Duration)
	check(s.Warmup.Duration >= 0, "warmup is %s, want 0 or more", s.Warmup.Duration)
	check(s.RequestTimeout.Duration > 0 && s.RequestTimeout.Duration <= time.Minute, "requestTimeout is %s, want up to 1m",
		s.RequestTimeout.Duration)
	check(s.RequestBytes >= 0 && s.ResponseBytes >= 0, "body sizes are %d and %d, want 0 or more", s.RequestBytes,
		s.ResponseBytes)
	check(s.ErrorRatio >= 0 && s.ErrorRatio <= 1 && s.SlowRatio >= 0 && s.SlowRatio <= 1,
		"errorRatio is %v and slowRatio %v, want 0 to 1", s.ErrorRatio, s.SlowRatio)
	if at := s.DisturbedAt; at != nil {
		check(!s.Rate.ClosedLoop() && at.Duration > 0 && at.Duration < s.Window.Duration,
			"disturbedAt is %s, want an instant in the window (%s) of an open schedule", at.Duration, s.Window.Duration)
	}
	if s.Service != nil {
		s.Service.validate(s, check)
	}
	return errors.Join(errs...)
}
