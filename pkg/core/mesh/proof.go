package mesh

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Proof is what shows that traffic went through the mesh.
type Proof struct {
	Headers  []HeaderProof  `json:"headers,omitempty"`
	Counters []CounterProof `json:"counters,omitempty"`
	// MTLS says when traffic between two pods of the mesh is encrypted and
	// both ends are authenticated.
	MTLS MTLS `json:"mtls,omitempty"`
}

// MTLS says when a mesh encrypts.
type MTLS string

// The words.
const (
	// MTLSAlways: between two pods of the mesh, by construction.
	MTLSAlways MTLS = "always"
	// MTLSConfigured: it depends on settings that cannot be seen on pods.
	MTLSConfigured MTLS = "configured"
	// MTLSNever: the mesh cannot.
	MTLSNever MTLS = "never"
)

// HeaderProof is a header that only the mesh's data plane adds.
type HeaderProof struct {
	// In is request (as the target saw it) or response (as the client saw it).
	In   Direction `json:"in"`
	Name string    `json:"name"`
	// Value is the exact value of the response's server header; other values
	// are not recorded, and must be empty here.
	Value string `json:"value,omitempty"`
	Shows Shows  `json:"shows"`
	// MTLS is set where the header names the peer that mutual TLS proved.
	MTLS bool `json:"mtls,omitempty"`
	// Waypoint is set where a waypoint adds the header.
	Waypoint bool `json:"waypoint,omitempty"`
}

// Direction is where a header travels.
type Direction string

// The directions.
const (
	InRequest  Direction = "request"
	InResponse Direction = "response"
)

// Shows says which part of the data plane a proof shows.
type Shows string

// The parts.
const (
	ShowsClient Shows = "client"
	ShowsServer Shows = "server"
	// ShowsBoth is both sides, or the proxy that both sides share.
	ShowsBoth Shows = "both"
)

// CounterProof is a counter of requests that a proxy serves within its pod,
// where the worker beside it reads it.
type CounterProof struct {
	Port int32  `json:"port"`
	Path string `json:"path"`
	// Name and Labels select the counter's series.
	Name   string            `json:"name"`
	Labels map[string]string `json:"labels,omitempty"`
	Shows  Shows             `json:"shows"`
	// MTLSLabel and MTLSValue tell the series of mutual TLS.
	MTLSLabel string `json:"mtlsLabel,omitempty"`
	MTLSValue string `json:"mtlsValue,omitempty"`
	// Connections counts, at the same place, what the proxy carries without
	// looking for requests: then it counts none, and none went around it.
	Connections *ConnectionCounter `json:"connections,omitempty"`
}

// ConnectionCounter is a counter of connections; it may count those that carry
// counted requests too.
type ConnectionCounter struct {
	Name   string            `json:"name"`
	Labels map[string]string `json:"labels,omitempty"`
}

// CounterOf is the counter that one side's proxy serves in its pod, or nil.
func CounterOf(all []CounterProof, side v1alpha1.Side) *CounterProof {
	for _, c := range all {
		if string(c.Shows) == string(side) {
			return &c
		}
	}
	return nil
}

// Fairness is where settings that shape a result can be read, and what they
// are if nobody changed them.
type Fairness struct {
	Threads   SettingSource `json:"threads,omitempty"`
	AccessLog SettingSource `json:"accessLog,omitempty"`
	Tracing   SettingSource `json:"tracing,omitempty"`
	Retries   SettingSource `json:"retries,omitempty"`
	// Tunnel is how requests travel between the proxies.
	Tunnel SettingSource `json:"tunnel,omitempty"`
	// Limits are the documented requests and limits of the proxy; what a pod
	// really has is read from the pod.
	Limits SettingSource `json:"limits,omitempty"`
}

// SettingSource is where one setting can be read on a pod. Annotations and
// arguments come before the documented default.
type SettingSource struct {
	// Annotation of the pod holds the value.
	Annotation string `json:"annotation,omitempty"`
	// Key within an annotation that holds a YAML object.
	Key string `json:"key,omitempty"`
	// Arg is a flag of the proxy's container, as in --concurrency.
	Arg string `json:"arg,omitempty"`
	// Env is a variable of the proxy's container; EnvKey is a key within one that
	// holds a YAML object.
	Env    string `json:"env,omitempty"`
	EnvKey string `json:"envKey,omitempty"`
	// Words say what values mean that do not say it themselves.
	Words map[string]string `json:"words,omitempty"`
	// FromCPULimit is set where the value is the CPU limit in whole cores,
	// rounded up, if nothing else says it.
	FromCPULimit bool `json:"fromCPULimit,omitempty"`
	// ShareEnv is a variable that holds a share of the node's cores: where it is set
	// it decides, and what is found otherwise is the least.
	ShareEnv string `json:"shareEnv,omitempty"`
	// Default is the documented value, in words; Before are those of older versions,
	// the oldest first.
	Default string          `json:"default,omitempty"`
	Before  []FormerDefault `json:"before,omitempty"`
}

// FormerDefault is the documented value of all versions before one.
type FormerDefault struct {
	Version string `json:"version"`
	Default string `json:"default"`
}

// String is how reports name the counter: its name and the labels that select it.
func (c CounterProof) String() string {
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(c.Labels)) {
		parts = append(parts, fmt.Sprintf("%s=%q", key, c.Labels[key]))
	}
	return c.Name + "{" + strings.Join(parts, ",") + "}"
}
