package experiment

import (
	"fmt"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/factor"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

const (
	// rampWarmup is the warm-up that load on a user's Service has by default, and
	// leastRamp the shortest: it has four steps, of which each is judged.
	rampWarmup = 8 * time.Second
	leastRamp  = wire.LeastRamp

	defaultErrorRatio = 0.05
	defaultP99Factor  = 10

	maxPathBytes  = 2 << 10
	maxCallBody   = 32 << 10
	maxHeaders    = 32
	maxValueBytes = 4 << 10
)

// Service is the user's that an experiment calls; nil where it has targets.
func Service(all []v1alpha1.Experiment) *v1alpha1.TargetService {
	if len(all) == 0 {
		return nil
	}
	return all[0].Spec.Target.Service
}

// called fills in what a document leaves out.
func called(s *v1alpha1.TargetService) *v1alpha1.TargetService {
	if s == nil {
		return nil
	}
	filled := *s
	if filled.Path == "" {
		filled.Path = "/"
	}
	if filled.Method == "" {
		filled.Method = "GET"
	}
	if len(filled.Expect.Status) == 0 {
		filled.Expect.Status = []int{200}
	}
	if filled.Stop.ErrorRatio == 0 {
		filled.Stop.ErrorRatio = defaultErrorRatio
	}
	if filled.Stop.P99Factor == 0 {
		filled.Stop.P99Factor = defaultP99Factor
	}
	return &filled
}

// ParseTargetService reads NAME:PORT, of which the port is a number or a name.
func ParseTargetService(text string) (name string, port intstr.IntOrString, err error) {
	name, number, ok := strings.Cut(text, ":")
	if !ok || number == "" || len(validation.IsDNS1035Label(name)) > 0 {
		return "", port, fmt.Errorf("%.80q is not NAME:PORT, such as web:http or web:8080", text)
	}
	port = intstr.Parse(number)
	if problem := badPort(port); problem != "" {
		return "", port, fmt.Errorf("%.80q: port %s", text, problem)
	}
	return name, port, nil
}

func badPort(p intstr.IntOrString) string {
	if p.Type == intstr.Int {
		return strings.Join(validation.IsValidPortNum(int(p.IntVal)), "; ")
	}
	return strings.Join(validation.IsValidPortName(p.StrVal), "; ")
}

// checkService finds what cannot or must not be asked of somebody's Service.
func checkService(c *checker, spec v1alpha1.ExperimentSpec) {
	s := spec.Target.Service
	if s == nil {
		if slices.Contains(spec.Factors.Placement, v1alpha1.PlacementAny) {
			c.add("spec.factors.placement", "any is of load on a Service of yours (spec.target.service) alone")
		}
		return
	}
	const field = "spec.target.service"
	for _, problem := range validation.IsDNS1035Label(s.Name) {
		c.add(field+".name", "%.80q: %s", s.Name, problem)
	}
	if problem := badPort(s.Port); problem != "" {
		c.add(field+".port", "%s", problem)
	}
	checkCall(c, field, *s)
	if s.TLS != nil {
		checkKeyOf(c, field+".tls.caFrom", s.TLS.CAFrom)
		if name := s.TLS.ServerName; name != "" && len(validation.IsDNS1123Subdomain(name)) > 0 {
			c.add(field+".tls.serverName", "%.80q is no host name", name)
		}
	}
	checkExpect(c, field+".expect", s.Expect)
	if !(s.Stop.ErrorRatio > 0 && s.Stop.ErrorRatio <= 0.5) {
		c.add(field+".stop.errorRatio", "%v is not above 0 and at most 0.5", s.Stop.ErrorRatio)
	}
	if !(s.Stop.P99Factor >= 2 && s.Stop.P99Factor <= 1000) {
		c.add(field+".stop.p99Factor", "%v is not between 2 and 1000", s.Stop.P99Factor)
	}
	checkWithoutTarget(c, spec)
}

// checkCall checks what every request is.
func checkCall(c *checker, field string, s v1alpha1.TargetService) {
	switch {
	case !strings.HasPrefix(s.Path, "/") || strings.HasPrefix(s.Path, "//"):
		c.add(field+".path", "%.80q does not begin with one slash: a request names no host, that is the Service's", s.Path)
	case len(s.Path) > maxPathBytes:
		c.add(field+".path", "has %d bytes, want at most %d", len(s.Path), maxPathBytes)
	case strings.ContainsFunc(s.Path, func(r rune) bool { return r <= ' ' || r > '~' || r == '#' || r == '\\' }):
		c.add(field+".path", "%.80q has characters that no path has: write them as %%XX", s.Path)
	}
	methods := []string{"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}
	if !slices.Contains(methods, s.Method) {
		c.add(field+".method", "%.20q is not one of %s", s.Method, strings.Join(methods, ", "))
	}
	if withBody := []string{"POST", "PUT", "PATCH"}; s.Body != "" &&
		!slices.Contains(withBody, s.Method) {
		c.add(field+".body", "requests of %s have none", s.Method)
	}
	if len(s.Body) > maxCallBody {
		c.add(field+".body", "has %d bytes, want at most %d", len(s.Body), maxCallBody)
	}
	if len(s.Headers) > maxHeaders {
		c.add(field+".headers", "are %d, want at most %d", len(s.Headers), maxHeaders)
		return
	}
	seen := map[string]bool{}
	for i, h := range s.Headers {
		at := fmt.Sprintf("%s.headers[%d]", field, i)
		name := textproto.CanonicalMIMEHeaderKey(h.Name)
		if seen[name] {
			c.add(at, "%.40q is given twice", h.Name)
		}
		seen[name] = true
		checkHeader(c, at, name, h)
	}
}

func checkHeader(c *checker, at, name string, h v1alpha1.RequestHeader) {
	switch {
	case len(validation.IsHTTPHeaderName(h.Name)) > 0:
		c.add(at+".name", "%.40q is no name of a header", h.Name)
	case slices.Contains(notToSet(), name) || strings.HasPrefix(name, "Proxy-"):
		c.add(at+".name", "%s is not yours to set: it decides who is called, or how", name)
	case h.FromSecret != nil && h.Value != "":
		c.add(at, "%s has a value and fromSecret: give one of them", name)
	case h.FromSecret != nil:
		checkKeyOf(c, at+".fromSecret", h.FromSecret)
	case slices.Contains(credentials(), name):
		c.add(at+".value", "%s is a credential, and plans and reports would show it: use fromSecret", name)
	case len(h.Value) > maxValueBytes || strings.ContainsFunc(h.Value, func(r rune) bool { return r < ' ' || r > '~' }):
		c.add(at+".value", "is no value of a header, or has more than %d bytes", maxValueBytes)
	}
}

// notToSet are headers that decide who is called, and those of one connection.
func notToSet() []string {
	return []string{"Host", "Connection", "Content-Length", "Transfer-Encoding", "Te", "Trailer", "Upgrade", "Keep-Alive",
		"Forwarded", "X-Forwarded-Host", "Expect"}
}

func credentials() []string {
	return []string{"Authorization", "Cookie", "X-Api-Key", "X-Auth-Token", "Api-Key"}
}

func checkKeyOf(c *checker, field string, k *v1alpha1.KeyOf) {
	if k == nil {
		return
	}
	for _, problem := range validation.IsDNS1123Subdomain(k.Name) {
		c.add(field+".name", "%.80q: %s", k.Name, problem)
	}
	for _, problem := range validation.IsConfigMapKey(k.Key) {
		c.add(field+".key", "%.80q: %s", k.Key, problem)
	}
}

func checkExpect(c *checker, field string, e v1alpha1.Expectation) {
	if few(c, field+".status", e.Status) {
		for _, code := range e.Status {
			if code < 200 || code > 599 || code/100 == 3 {
				c.add(field+".status", "%d is no answer to expect: want 200 to 599, and no redirection, which is never followed",
					code)
			}
		}
	}
	if len(e.BodyContains) > maxValueBytes {
		c.add(field+".bodyContains", "has %d bytes, want at most %d", len(e.BodyContains), maxValueBytes)
	}
}

// checkWithoutTarget finds what only targets of the run can do.
func checkWithoutTarget(c *checker, spec v1alpha1.ExperimentSpec) {
	for _, l := range factor.Levels(spec.Factors) {
		asked := l.Request
		chained := asked.Chained() || asked.FanOut > 1
		asked.RequestsPerConnection, asked.Hops, asked.FanOut = 0, 0, 0
		if asked != (v1alpha1.Request{SlowRatio: 1}) || l.Replicas != 1 || chained {
			c.add("spec.factors",
				"replicas, hops, fanOut, requestBytes, responseBytes, serverDelay, slowRatio and errorRatio ask a target of the "+
					"run, and spec.target.service has none: leave them out")
			break
		}
	}
	if p := spec.Factors.Placement; !slices.Equal(p, v1alpha1.Values[v1alpha1.Placement]{v1alpha1.PlacementAny}) {
		c.add("spec.factors.placement", "is about targets of the run, and spec.target.service has none: leave it out; "+
			"spec.nodes.load says where load pods go")
	}
	if spec.Nodes != nil && spec.Nodes.Target != "" {
		c.add("spec.nodes.target", "is of targets of the run, and spec.target.service has none: leave it out")
	}
	if spec.Disturbance != nil {
		c.add("spec.disturbance", "is done to targets of the run alone, never to a Service of yours: leave it out")
	}
	if w := spec.Schedule.Warmup; w.Duration < leastRamp {
		c.add("spec.schedule.warmup", "%s is too short: load on a Service of yours is ramped in four steps, want at least %s",
			w.Duration, leastRamp)
	}
}
