package experiment

import (
	"net/http"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

func withService(t *testing.T, lines string) (v1alpha1.Experiment, error) {
	t.Helper()
	e, err := Parse([]byte(`{apiVersion: meshbench.dev/v1alpha1, kind: Experiment, metadata: {name: mine}, spec: {` +
		`factors: {rate: 100}, target: {service: {name: web, port: http}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	var sets []string
	if lines != "" {
		sets = strings.Split(lines, "\n")
	}
	if e, err = Set(e, sets); err != nil {
		return e, err
	}
	return Resolve(e)
}

func TestAServiceHasItsDefaults(t *testing.T) {
	e, err := withService(t, "")
	if err != nil {
		t.Fatal(err)
	}
	s := e.Spec.Target.Service
	if s.Path != "/" || s.Method != http.MethodGet || len(s.Expect.Status) != 1 || s.Expect.Status[0] != 200 ||
		s.Stop.ErrorRatio != 0.05 || s.Stop.P99Factor != 10 || e.Spec.Schedule.Warmup.Duration != rampWarmup ||
		e.Spec.Target.Memory == nil {
		t.Errorf("resolved as %+v, warm-up %v", s, e.Spec.Schedule.Warmup)
	}
	if l := Levels(e)[0]; l.Placement != v1alpha1.PlacementAny {
		t.Errorf("load pods are placed %s", l.Placement)
	}
	if again, err := Resolve(e); err != nil || again.Spec.Target.Service.Path != "/" {
		t.Errorf("what is resolved does not resolve again: %v", err)
	}
}

func TestWhatMustNotBeAskedOfAService(t *testing.T) {
	for lines, says := range map[string]string{
		"target.service.path=http://elsewhere/":                                       "names no host",
		"target.service.path=//elsewhere/":                                            "names no host",
		"target.service.path=\"/a b\"":                                                "%XX",
		"target.service.path=\"/a\\r\\nHost: elsewhere\"":                             "%XX",
		"target.service.method=CONNECT":                                               "CONNECT",
		"target.service.body=x":                                                       "requests of GET have none",
		"target.service.headers=[{name: Host, value: elsewhere}]":                     "not yours to set",
		"target.service.headers=[{name: x-forwarded-host, value: elsewhere}]":         "not yours to set",
		"target.service.headers=[{name: authorization, value: Bearer x}]":             "fromSecret",
		"target.service.headers=[{name: a, value: \"x\\ny\"}]":                        "no value of a header",
		"target.service.headers=[{name: a, value: x}, {name: A, value: y}]":           "given twice",
		"target.service.headers=[{name: a, value: x, fromSecret: {name: s, key: k}}]": "give one of them",
		"target.service.headers=[{name: a, fromSecret: {name: s, key: ../k}}]":        "key",
		"target.service.expect.status=[302]":                                          "redirection",
		"target.service.stop.errorRatio=0.9":                                          "at most 0.5",
		"target.service.stop.p99Factor=1":                                             "between 2 and 1000",
		"target.service.name=web.other":                                               "web.other",
		"target.service.port=70000":                                                   "65535",
		"schedule.warmup=1s":                                                          "four steps",
		"factors.responseBytes=10":                                                    "ask a target of the run",
		"factors.errorRatio=0.1":                                                      "ask a target of the run",
		"factors.placement=same-node":                                                 "leave it out",
		"disturbance={kind: kill-target, at: 2s}":                                     "never to a Service of yours",
		"nodes.target=n1":                                                             "leave it out",
		"target.service=null\nfactors.placement=any":                                  "of load on a Service of yours",
	} {
		if _, err := withService(t, lines); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", lines, err, says)
		}
	}
	for _, lines := range []string{"target.service.port=8080", "target.service.method=POST\ntarget.service.body=x",
		"target.service.path=/a?b=c&d=%20", "target.service.tls.serverName=web.example",
		"target.service.headers=[{name: authorization, fromSecret: {name: s, key: k}}]",
		"target.service.expect.status=[200, 404]", "factors.requestsPerConnection=10"} {
		if _, err := withService(t, lines); err != nil {
			t.Errorf("%s: %v", lines, err)
		}
	}
}

func FuzzTargetService(f *testing.F) {
	for _, text := range []string{"web:http", "web:80", "web", ":80", "web:", "http://x:80", "a.b:80", "web:80:90"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		name, port, err := ParseTargetService(text)
		if err == nil && (name+":"+port.String() == "" || strings.ContainsAny(name, "./:") || badPort(port) != "") {
			t.Errorf("%q is read as %q and %q", text, name, port.String())
		}
	})
}
