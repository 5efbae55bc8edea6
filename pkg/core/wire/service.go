package wire

import (
	"strings"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// ServiceCall is what every request to a Service of the user's is, and when load on
// it ends. Its host is that of LoadSpec.Target and none other.
type ServiceCall struct {
	Method   string             `json:"method"`
	Path     string             `json:"path"`
	Headers  []CallHeader       `json:"headers,omitempty"`
	Body     string             `json:"body,omitempty"`
	TLS      *CallTLS           `json:"tls,omitempty"`
	Status   []int              `json:"status"`
	Contains string             `json:"bodyContains,omitempty"`
	MaxRate  v1alpha1.Rate      `json:"maxRate"`
	Stop     v1alpha1.StopRules `json:"stop"`
}

// CallHeader is a header of every request. A value in a file is read by the worker
// alone, and is in nothing that it says.
type CallHeader struct {
	Name  string `json:"name"`
	Value string `json:"value,omitempty"`
	File  string `json:"file,omitempty"`
}

// CallTLS says how the server is verified. CAFile is empty for the system's own.
type CallTLS struct {
	CAFile     string `json:"caFile,omitempty"`
	ServerName string `json:"serverName"`
}

// Scheme is that of the requests.
func (c ServiceCall) Scheme() string {
	if c.TLS != nil {
		return "https"
	}
	return "http"
}

// validate holds a call to what the plugin promises of it: the worker is the last
// who can.
func (c ServiceCall) validate(s LoadSpec, check func(ok bool, format string, args ...any)) {
	check(strings.HasPrefix(c.Path, "/") && !strings.HasPrefix(c.Path, "//"), "path %.80q names no path", c.Path)
	check(len(c.Status) > 0, "no status is expected")
	check(c.Stop.ErrorRatio > 0 && c.Stop.P99Factor > 1, "there is no rule that stops load on a Service")
	check(c.MaxRate == 0 || !s.Rate.ClosedLoop() && s.Rate <= c.MaxRate, "rate %v is above the %v that its Service allows",
		float64(s.Rate), float64(c.MaxRate))
	check(s.Warmup.Duration >= LeastRamp, "warmup is %s, want %s to ramp the load up", s.Warmup.Duration, LeastRamp)
}

// LeastRamp is the shortest warm-up of load on a Service of the user's.
const LeastRamp = 4 * time.Second

// RampShares are the shares of the rate in the equal parts of the warm-up.
func RampShares() []float64 { return []float64{0.10, 0.25, 0.50, 1} }
