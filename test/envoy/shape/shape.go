// Package shape has what Kuma and Consul would make of Envoy for the two pods of a
// run, and identities by a CA of the tests. README.md above says from which
// sources.
package shape

import (
	"bytes"
	_ "embed"
	"fmt"
	"text/template"
)

//go:embed kuma.yaml
var kuma string

//go:embed consul.yaml
var consul string

// TrustDomain is that of Consul's CA.
const TrustDomain = "11111111-2222-3333-4444-555555555555.consul"

// Settings are those of one namespace.
type Settings struct {
	// Plain is set where there is no mutual TLS: Kuma's own default.
	Plain bool
	// Retries of a failure; none if 0.
	Retries int
	// RequestsPerConnection is how many requests the client's Envoy takes of one
	// connection; as many as there are if 0.
	RequestsPerConnection int
	// Limits are the circuit breaker's; Envoy's own if nil.
	Limits *Limits
}

// Limits is a circuit breaker, each of what is open at a time.
type Limits struct{ Connections, Pending, Requests, Retries int }

// Kuma is what Kuma sets for every mesh: mesh-retry-all, mesh-circuit-breaker-all.
func Kuma() Settings { return Settings{Retries: 5, Limits: &Limits{1024, 1024, 1024, 3}} }

// Consul is what Consul sets without a configuration entry: no retries, and Envoy's own limits.
func Consul() Settings { return Settings{} }

// The sides of a run, as its pods are labelled.
const (
	Load   = "load"
	Target = "target"
)

// port is one of the target's.
type port struct {
	Number   int
	Protocol string
}

func ports() []port { return []port{{8080, "http"}, {8078, "http2"}, {8079, "grpc"}} }

// ConfigAsKuma is Envoy's configuration in a pod of that side. ${INSTANCE_IP} in it is
// the pod's address.
func ConfigAsKuma(side string, s Settings) ([]byte, error) {
	return render(kuma, struct {
		Settings
		Side  string
		Ports []port
	}{s, side, ports()})
}

// ConfigAsConsul is the same for Consul, whose proxy has one service of one protocol:
// the target's port of that number.
func ConfigAsConsul(side string, number int, s Settings) ([]byte, error) {
	for _, p := range ports() {
		if p.Number == number {
			return render(consul, struct {
				Settings
				Side, TrustDomain string
				Port              port
				Tags              []tag
			}{s, side, TrustDomain, p, consulTags()})
		}
	}
	return nil, fmt.Errorf("the target has no port %d", number)
}

// tag is what Envoy takes out of the names of its counters, for labels.
type tag struct{ Name, Regex string }

// consulTags are labels of Consul's that counters of clusters get: their names are
// SERVICE.NAMESPACE.DATACENTER.ROUTING-TYPE.TRUST-DOMAIN.consul. The outer group is
// taken out of the name, the inner one is the label's value.
func consulTags() []tag {
	parts := []string{"service", "namespace", "datacenter", "routing_type", "trust_domain"}
	var tags []tag
	for i, name := range parts {
		pattern := "^cluster\\.("
		for j := range parts {
			if j == i {
				pattern += "([^.]+)\\."
			} else {
				pattern += "[^.]+\\."
			}
		}
		tags = append(tags, tag{"consul.destination." + name, pattern + "consul\\.)"})
	}
	return tags
}

func render(text string, data any) ([]byte, error) {
	parsed, err := template.New("envoy").Option("missingkey=error").Parse(text)
	if err != nil {
		return nil, fmt.Errorf("template of Envoy's configuration: %w", err)
	}
	var out bytes.Buffer
	if err := parsed.Execute(&out, data); err != nil {
		return nil, fmt.Errorf("Envoy's configuration: %w", err)
	}
	return out.Bytes(), nil
}
