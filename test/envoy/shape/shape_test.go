package shape

import (
	"crypto/x509"
	"encoding/pem"
	"slices"
	"testing"

	"sigs.k8s.io/yaml"
)

// All configurations are YAML with listeners and clusters in it. Whether Envoy takes
// them is for the end-to-end tests.
func TestConfigurationsAreYAML(t *testing.T) {
	odd := Settings{Retries: 1, RequestsPerConnection: 10, Limits: &Limits{1, 2, 3, 4}}
	configs := map[string][]byte{}
	for _, side := range []string{Load, Target} {
		for name, s := range map[string]Settings{"Kuma's": Kuma(), "Consul's": Consul(), "odd": odd} {
			var err error
			if configs["Kuma "+side+name], err = ConfigAsKuma(side, s); err != nil {
				t.Fatal(err)
			}
			for _, p := range ports() {
				if configs["Consul "+side+name+p.Protocol], err = ConfigAsConsul(side, p.Number, s); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for name, text := range configs {
		var config struct {
			Static struct{ Listeners, Clusters []map[string]any } `json:"static_resources"`
		}
		if err := yaml.Unmarshal(text, &config); err != nil || len(config.Static.Listeners) == 0 ||
			len(config.Static.Clusters) == 0 {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
	}
	if _, err := ConfigAsConsul(Load, 1, Consul()); err == nil {
		t.Error("a port that the target does not have")
	}
}

func TestIdentitiesAreTheirMeshes(t *testing.T) {
	ca, err := NewCA("default")
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(ca.cert)
	for first, issue := range map[string]func(string) (Identity, error){
		"spiffe://default/load": ca.AsKuma, "spiffe://default/ns/default/dc/dc1/svc/load": ca.AsConsul,
	} {
		id, err := issue(Load)
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
		if uris[0] != first || !cert.NotAfter.After(cert.NotBefore) {
			t.Errorf("%v, want %s first", uris, first)
		}
		if slices.Contains(uris, "kuma://kuma.io/service/load") != (len(uris) > 1) {
			t.Errorf("%v, want Kuma's tags where there are more", uris)
		}
	}
}
