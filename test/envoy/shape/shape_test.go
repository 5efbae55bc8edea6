package shape

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// proxies are Envoys of all shapes and sides, with few settings and with all.
func proxies() []Proxy {
	odd := Settings{Plain: true, Retries: 1, RequestsPerConnection: 10, Limits: &Limits{1, 2, 3, 4}}
	var all []Proxy
	for _, side := range []string{Load, Target} {
		for _, s := range []Settings{Kuma(), Consul(), odd} {
			for _, port := range []int{8080, 8079} {
				for _, shape := range []string{AsKuma, AsConsul} {
					all = append(all, Proxy{Settings: s, Shape: shape, Side: side, Namespace: "shop", Address: "10.0.0.9", Port: port})
				}
			}
		}
	}
	return all
}

// Whether Envoy takes them is for the end-to-end tests.
func TestConfigurationsAreYAML(t *testing.T) {
	services := []Service{{"one", "10.1.0.1", 8080, []string{"10.0.0.9", "10.0.0.10"}}, {"one", "10.1.0.1", 8079, nil}}
	for _, p := range proxies() {
		text, err := p.Config(services)
		if err != nil {
			t.Fatal(err)
		}
		var config struct{ Listeners, Clusters, Endpoints []map[string]any }
		if err := yaml.UnmarshalStrict(text, &config); err != nil || len(config.Listeners) < 3 ||
			len(config.Clusters) < 4 || len(config.Endpoints) != 2 {
			t.Errorf("%+v: %v\n%s", p, err, text)
		}
		if strings.Contains(string(text), "identity_cert") != (p.Shape == AsKuma && !p.Plain) {
			t.Errorf("%+v: mutual TLS is not as asked for\n%s", p, text)
		}
	}
}

// What an Envoy's bootstrap says of it, the control plane reads.
func TestTheControlPlaneReadsTheBootstrap(t *testing.T) {
	for _, p := range proxies() {
		text, err := p.Bootstrap()
		if err != nil {
			t.Fatal(err)
		}
		for variable, value := range map[string]string{"${POD_NAMESPACE}": p.Namespace, "${INSTANCE_IP}": p.Address} {
			text = []byte(strings.ReplaceAll(string(text), variable, value))
		}
		var bootstrap struct {
			Node struct{ Metadata map[string]any }
		}
		if err := yaml.Unmarshal(text, &bootstrap); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		got, err := ReadProxy(bootstrap.Node.Metadata)
		if err != nil {
			t.Fatal(err)
		}
		want, _ := json.Marshal(p)
		if have, _ := json.Marshal(got); string(have) != string(want) {
			t.Errorf("%s, want %s", have, want)
		}
	}
	if _, err := ReadProxy(map[string]any{"shape": "none"}); err == nil {
		t.Error("a node of no shape is taken for one")
	}
}

func TestIdentitiesAreTheirMeshes(t *testing.T) {
	for shape, first := range map[string]string{AsKuma: "spiffe://default/load",
		AsConsul: "spiffe://11111111-2222-3333-4444-555555555555.consul/ns/default/dc/dc1/svc/load"} {
		p := Proxy{Shape: shape, Side: Load}
		ca, err := NewCA(p.TrustDomain())
		if err != nil {
			t.Fatal(err)
		}
		roots := x509.NewCertPool()
		roots.AddCert(ca.cert)
		id, err := ca.Issue(p)
		if err != nil {
			t.Fatal(err)
		}
		block, _ := pem.Decode(id.Cert)
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := cert.Verify(x509.VerifyOptions{Roots: roots,
			KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err != nil {
			t.Error(err)
		}
		var uris []string
		for _, u := range cert.URIs {
			uris = append(uris, u.String())
		}
		if uris[0] != first || slices.Contains(uris, "kuma://kuma.io/service/load") != (shape == AsKuma) {
			t.Errorf("%s: %v, want %s first", shape, uris, first)
		}
	}
}
