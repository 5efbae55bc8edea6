package wire

import (
	"fmt"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// FrameType says which part of a Frame is set.
type FrameType string

// The types of frames, in the order in which a load worker writes them. A
// whole result has exactly one each of hello, started, result and end.
const (
	TypeHello   FrameType = "hello"
	TypeProbe   FrameType = "probe"
	TypeStarted FrameType = "started"
	TypeSecond  FrameType = "second"
	// TypeUsage comes at the start of the window, each second and at its end
	// from a load worker, and twice a second from a target.
	TypeUsage  FrameType = "usage"
	TypeResult FrameType = "result"
	// TypeError ends the frames of a worker that failed.
	TypeError FrameType = "error"
	TypeEnd   FrameType = "end"
)

// Frame is one message of a worker. Exactly the part named by Type is set;
// end has none.
type Frame struct {
	Type    FrameType        `json:"type"`
	Hello   *Hello           `json:"hello,omitempty"`
	Probe   *Probe           `json:"probe,omitempty"`
	Started *Started         `json:"started,omitempty"`
	Second  *v1alpha1.Second `json:"second,omitempty"`
	Usage   *Usage           `json:"usage,omitempty"`
	Result  *Result          `json:"result,omitempty"`
	Error   *Failure         `json:"error,omitempty"`
}

// check reports whether a frame has the part that its type names, and no other.
func (f Frame) check() error {
	parts := []struct {
		of   FrameType
		have bool
	}{{TypeHello, f.Hello != nil}, {TypeProbe, f.Probe != nil}, {TypeStarted, f.Started != nil},
		{TypeSecond, f.Second != nil}, {TypeUsage, f.Usage != nil}, {TypeResult, f.Result != nil},
		{TypeError, f.Error != nil}, {TypeEnd, false}}
	known := f.Type == TypeEnd
	for _, p := range parts {
		if p.have != (p.of == f.Type) && p.of != TypeEnd {
			return &DamagedError{Reason: fmt.Sprintf("it is of type %.20q, and has other parts", f.Type)}
		}
		known = known || p.of == f.Type
	}
	if !known {
		return &DamagedError{Reason: fmt.Sprintf("it is of type %.20q, which there is not", f.Type)}
	}
	return nil
}

// Hello is a worker's first frame.
type Hello struct {
	// Version is the worker's release.
	Version string `json:"version"`
	// Trial echoes LoadSpec.Trial; empty from a target.
	Trial string    `json:"trial,omitempty"`
	Now   time.Time `json:"now"`
	Host  Host      `json:"host"`
	// OpenFiles is how many files and connections the worker may have open at
	// once; 0 if nothing limits that, or it is not known.
	OpenFiles int64 `json:"openFiles,omitempty"`
}

// Host is what a worker sees of the node it runs on. Empty or zero: hidden.
type Host struct {
	Kernel       string `json:"kernel,omitempty"`
	Architecture string `json:"architecture,omitempty"`
	CPUModel     string `json:"cpuModel,omitempty"`
	CPUs         int    `json:"cpus,omitempty"`
	MemoryBytes  int64  `json:"memoryBytes,omitempty"`
}

// Probe is what the target saw of a request sent before the warm-up, and so
// what stands between the two.
type Probe struct {
	// RemoteAddress is the peer the target saw, without the port.
	RemoteAddress string `json:"remoteAddress"`
	// Protocol the target was spoken to in, e.g. "HTTP/1.1".
	Protocol string `json:"protocol"`
	// Headers are the names of the headers that arrived, lower case, sorted.
	Headers []string `json:"headers,omitempty"`
	// ClientIdentity is the peer identity a proxy vouched for (a SPIFFE URI or
	// a DNS-like name), never a certificate; empty if there is none.
	ClientIdentity string `json:"clientIdentity,omitempty"`
	// IdentityHeader is the header that carried ClientIdentity.
	IdentityHeader string `json:"identityHeader,omitempty"`
	// ResponseHeaders are the names of the headers of the answer as the load
	// worker saw them: a client-side proxy may add some.
	ResponseHeaders []string `json:"responseHeaders,omitempty"`
	// ServerHeader is the answer's "server" header, which most proxies set.
	ServerHeader string `json:"serverHeader,omitempty"`
	// Counters are those of the proxy beside the target, read before it
	// answered; nil where it was told to read none.
	Counters *ProxyReading `json:"counters,omitempty"`
	// Pod and UID are those of the target that answered; empty where it was not told.
	Pod string `json:"pod,omitempty"`
	UID string `json:"uid,omitempty"`
	// OpenFiles is as in Hello, of the target.
	OpenFiles int64 `json:"openFiles,omitempty"`
	// Served is what the target had been sent when it answered; nil where it does
	// not tell. Proof shows that it was the target itself that says so; see Key.
	Served *Served `json:"served,omitempty"`
	Proof  string  `json:"proof,omitempty"`
	// Next is what the next target of a chain saw of this one.
	Next *Probe `json:"next,omitempty"`
	// Impostor is what a load worker says of an answer without a proof; empty if it
	// was the run's own target that answered.
	Impostor string `json:"impostor,omitempty"`
}

// Started says that the target answered and when the window begins.
type Started struct {
	WindowStart time.Time `json:"windowStart"`
}

// Result is what one load worker measured.
type Result struct {
	Window v1alpha1.Window     `json:"window"`
	Load   v1alpha1.LoadResult `json:"load"`
	Self   v1alpha1.SelfUsage  `json:"self"`
	// Sent is the number of this worker's requests, those of the warm-up and failed
	// ones too.
	Sent int64 `json:"sent"`
	// Target is nil where the target did not tell what it received.
	Target *TargetCount `json:"target,omitempty"`
	// Counts is nil where no proxy was to be read.
	Counts *Counts `json:"counts,omitempty"`
}

// Failure says why a worker has no result.
type Failure struct {
	// Stage is spec, ready, load or safety.
	Stage   string `json:"stage"`
	Message string `json:"message"`
	// Stop is set where the worker ended its load by a rule.
	Stop *v1alpha1.SafetyStop `json:"stop,omitempty"`
}
