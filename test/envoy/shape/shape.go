// Package shape has what Kuma and Consul would make of Envoy in the pods of a run:
// how it begins, what a control plane tells it, and who it is. README.md above says
// from which sources.
package shape

import (
	"bytes"
	"cmp"
	"embed"
	"encoding/json"
	"fmt"
	"text/template"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

//go:embed *.yaml
var files embed.FS

// The shapes.
const (
	AsKuma   = "kuma"
	AsConsul = "consul"
)

// The sides of a run, as its pods are labelled.
const (
	Load   = "load"
	Target = "target"
)

// ControlPlane is where Envoys ask, by the name of its Service.
const ControlPlane = "control-plane.meshbench-test-envoy.svc.cluster.local"

// Settings are those of one namespace.
type Settings struct {
	// Plain is set where there is no mutual TLS: Kuma's own default.
	Plain bool `json:"plain,omitempty"`
	// Retries of a failure; none if 0.
	Retries int `json:"retries,omitempty"`
	// RequestsPerConnection is how many requests the client's Envoy takes of one
	// connection; as many as there are if 0.
	RequestsPerConnection int `json:"requestsPerConnection,omitempty"`
	// Limits are the circuit breaker's; Envoy's own if nil.
	Limits *Limits `json:"limits,omitempty"`
}

// Limits is a circuit breaker, each of what is open at a time.
type Limits struct {
	Connections int `json:"connections"`
	Pending     int `json:"pending"`
	Requests    int `json:"requests"`
	Retries     int `json:"retries"`
}

// Kuma is what Kuma sets for every mesh: mesh-retry-all, mesh-circuit-breaker-all.
func Kuma() Settings { return Settings{Retries: 5, Limits: &Limits{1024, 1024, 1024, 3}} }

// Consul is what Consul sets without a configuration entry: no retries, and Envoy's own limits.
func Consul() Settings { return Settings{} }

// Proxy is an Envoy as it makes itself known to its control plane.
type Proxy struct {
	Settings  `json:"settings"`
	Shape     string `json:"shape"`
	Side      string `json:"side"`
	Namespace string `json:"namespace"`
	Address   string `json:"address"`
	// Port is the one that is served where a proxy is of one service, as Consul's are.
	Port int `json:"port,omitempty"`
}

// ReadProxy reads the metadata of an Envoy's node.
func ReadProxy(metadata map[string]any) (Proxy, error) {
	var p Proxy
	data, err := json.Marshal(metadata)
	if err == nil {
		err = json.Unmarshal(data, &p)
	}
	if err != nil {
		return p, err
	}
	if p.Shape != AsKuma && p.Shape != AsConsul || p.Side == "" || p.Namespace == "" {
		return p, fmt.Errorf("what asks is %+v", p)
	}
	return p, nil
}

// Bootstrap is how an Envoy begins. ${POD_NAME}, ${POD_NAMESPACE} and ${INSTANCE_IP} in it are its pod's.
func (p Proxy) Bootstrap() ([]byte, error) {
	p.Namespace, p.Address = "${POD_NAMESPACE}", "${INSTANCE_IP}"
	metadata, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	return render(p.Shape+"-bootstrap.yaml", struct {
		Side, Metadata, ControlPlane string
		Tags                         []tag
	}{p.Side, string(metadata), ControlPlane, consulTags()})
}

// Service is a port of a target's Service.
type Service struct {
	Name, Address string
	Port          int
	// Endpoints are the addresses of ready targets.
	Endpoints []string
}

// Protocol is the one that the target serves there.
func (s Service) Protocol() string { return protocol(s.Port) }

// Compare puts Services into an order.
func (s Service) Compare(o Service) int {
	return cmp.Or(cmp.Compare(s.Name, o.Name), cmp.Compare(s.Port, o.Port))
}

// protocol is what the meshes call that of a target's port; empty if there is none.
func protocol(port int) string {
	for _, p := range wire.Protocols() {
		if int(p.Port) == port {
			return map[v1alpha1.Protocol]string{v1alpha1.ProtocolHTTP1: "http", v1alpha1.ProtocolH2C: "http2",
				v1alpha1.ProtocolGRPC: "grpc"}[p.ID]
		}
	}
	return ""
}

// Config is what the control plane tells an Envoy: listeners, clusters and endpoints.
func (p Proxy) Config(services []Service) ([]byte, error) {
	return render(p.Shape+".yaml", struct {
		Proxy
		Protocol, TrustDomain string
		Services              []Service
	}{p, protocol(p.Port), p.TrustDomain(), services})
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

func render(file string, data any) ([]byte, error) {
	parsed, err := template.New(file).Option("missingkey=error").ParseFS(files, file, "endpoints.yaml")
	if err != nil {
		return nil, fmt.Errorf("template of Envoy's configuration: %w", err)
	}
	var out bytes.Buffer
	if err := parsed.Execute(&out, data); err != nil {
		return nil, fmt.Errorf("configuration of an Envoy: %w", err)
	}
	return out.Bytes(), nil
}
