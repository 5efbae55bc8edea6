package v1alpha1

import (
	"time"

	"k8s.io/apimachinery/pkg/util/intstr"
)

// AnnotationMaxRate on a Service of the user's allows load on it: its value is
// the highest rate, in requests per second, or MaxRateUnlimited.
const AnnotationMaxRate = "meshbench.dev/max-rate"

// MaxRateUnlimited allows closed loops too, which have no rate.
const MaxRateUnlimited = "unlimited"

// Target is what load is sent to: pods of the run's own, of that size, or a
// Service of the user's.
type Target struct {
	PodSize `json:",inline"`
	// Service is a Service that every arm's namespace has, and that consents by its
	// annotation. The run then makes no targets.
	Service *TargetService `json:"service,omitempty"`
}

// TargetService is a Service of the user's and what is asked of it.
type TargetService struct {
	// Name is the same in all arms.
	Name string `json:"name"`
	// Port is the number or the name of one of its ports.
	Port intstr.IntOrString `json:"port"`
	// Path begins with a slash and may have a query. Default "/". Calls of gRPC are
	// health checks of the whole server, and have none.
	Path string `json:"path,omitempty"`
	// Method is GET (default) or HEAD; any other needs --allow-writes.
	Method string `json:"method,omitempty"`
	// Headers go with every request.
	Headers []RequestHeader `json:"headers,omitempty"`
	// Body goes with every request of a method that has one. At most 32 KiB.
	Body string `json:"body,omitempty"`
	// TLS encrypts, for https and grpcs; nil for none.
	TLS *TargetTLS `json:"tls,omitempty"`
	// Expect says which answers count as such.
	Expect Expectation `json:"expect,omitempty"`
	// Stop says when the load ends by itself, and the run with it.
	Stop StopRules `json:"stop,omitempty"`
}

// RequestHeader is a header of every request, with a value of its own or from a Secret.
type RequestHeader struct {
	// Name is any but those that decide who is called, such as Host.
	Name string `json:"name"`
	// Value is shown in plans and reports: no place for a credential.
	Value string `json:"value,omitempty"`
	// FromSecret is a key of a Secret in each arm's namespace. It is mounted into the
	// load pods; the plugin never reads it.
	FromSecret *KeyOf `json:"fromSecret,omitempty"`
}

// KeyOf is a key of a Secret or a ConfigMap in each arm's namespace.
type KeyOf struct {
	// Name is that of the object, the same in all arms.
	Name string `json:"name"`
	// Key is one of its keys.
	Key string `json:"key"`
}

// TargetTLS says how a server is verified.
type TargetTLS struct {
	// CAFrom is a ConfigMap's key with certificates in PEM; the system's if nil.
	CAFrom *KeyOf `json:"caFrom,omitempty"`
	// ServerName is what the certificate must be for. Default: the Service's host name.
	ServerName string `json:"serverName,omitempty"`
}

// Expectation says which answers count as such.
type Expectation struct {
	// Status are codes of HTTP. Default 200. Redirections are never followed and
	// never expected.
	Status []int `json:"status,omitempty"`
	// BodyContains is a text that the first MiB of every body must have.
	BodyContains string `json:"bodyContains,omitempty"`
}

// StopRules bound what load may do to a Service. The load worker judges by them.
type StopRules struct {
	// ErrorRatio is the share of failed requests over 5 seconds, after 3 seconds of
	// grace, and over each step of the ramp. Above 0 to 0.5, default 0.05.
	ErrorRatio float64 `json:"errorRatio,omitempty"`
	// P99Factor is how far the p99 of 5 seconds may be above that of the ramp's first
	// half; below 250 ms it stops nothing. 2 to 1,000, default 10.
	P99Factor float64 `json:"p99Factor,omitempty"`
}

// SafetyStop says which rule stopped a trial's load, by what.
type SafetyStop struct {
	// Rule is the one that was broken.
	Rule StopRule `json:"rule"`
	// Value is what was seen and Limit what is allowed: a share for error-share,
	// seconds for p99 and no-data.
	Value float64 `json:"value"`
	Limit float64 `json:"limit"`
	// OverSeconds is the time that Value is of, and AfterSeconds that from the first
	// request to the stop.
	OverSeconds  float64 `json:"overSeconds"`
	AfterSeconds float64 `json:"afterSeconds"`
	// Requests are those that had ended by then, and Errors those that failed.
	Requests int64 `json:"requests"`
	Errors   int64 `json:"errors"`
	// Detail is the most frequent failure; empty if there is none.
	Detail string `json:"detail,omitempty"`
}

// StopRule is a rule that stops load.
type StopRule string

// The rules.
const (
	StopErrors StopRule = "error-share"
	StopP99    StopRule = "p99"
	StopNoData StopRule = "no-data"
)

// ServiceState is a user's Service as a run found it.
type ServiceState struct {
	Name string `json:"name"`
	// Port is the number of the Service's port.
	Port int32 `json:"port"`
	// UID is that of the Service.
	UID string `json:"uid"`
	// MaxRate is the annotation's value.
	MaxRate string `json:"maxRate"`
	// Pods are those that the Service selected when the run began.
	Pods []ServicePod `json:"pods,omitempty"`
	// Changes are what became of the Service and its pods during the run.
	Changes []ServiceChange `json:"changes,omitempty"`
}

// ServicePod is a pod behind a user's Service.
type ServicePod struct {
	Name     string `json:"name"`
	UID      string `json:"uid"`
	Node     string `json:"node,omitempty"`
	Ready    bool   `json:"ready"`
	Restarts int64  `json:"restarts"`
}

// ServiceChange is something that happened to a user's Service during a run, and
// that the run did not do.
type ServiceChange struct {
	// At is when the run noticed it, which is after a trial.
	At   time.Time `json:"at"`
	What string    `json:"what"`
}
