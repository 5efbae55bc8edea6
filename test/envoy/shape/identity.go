package shape

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/url"
	"time"
)

// life of a certificate; a test takes minutes.
const life = 24 * time.Hour

// CA signs the identities of one mesh.
type CA struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

// Identity is what a pod proves itself with, as PEM.
type Identity struct{ Cert, Key, CA []byte }

// NewCA is the CA of a trust domain.
func NewCA(domain string) (*CA, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "meshbench tests"},
		URIs:      []*url.URL{{Scheme: "spiffe", Host: domain}},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(life),
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &CA{key: key, cert: cert}, nil
}

// TrustDomain is that of the shape's CA: Kuma's is the mesh's name.
func (p Proxy) TrustDomain() string {
	if p.Shape == AsConsul {
		return "11111111-2222-3333-4444-555555555555.consul"
	}
	return "default"
}

// Secrets are the names that the shape gives the pod's identity and the CA.
func (p Proxy) Secrets() (identity, ca string) {
	if p.Shape == AsConsul {
		return "connect-leaf", "connect-root"
	}
	return "identity_cert:secret:default", "mesh_ca:secret:default"
}

// ID is who a pod is, in SPIFFE's words: its service is called as its side of a run is.
func (p Proxy) ID() string {
	if p.Shape == AsConsul {
		return "spiffe://" + p.TrustDomain() + "/ns/default/dc/dc1/svc/" + p.Side
	}
	return "spiffe://" + p.TrustDomain() + "/" + p.Side
}

// Issue gives an Envoy its identity, as the builtin CAs of the meshes do: Consul's with
// an EC key (agent/connect/uri_service.go), Kuma's with an RSA key, no subject, and
// each tag of the Dataplane as a URI after who it is (2.14.3: pkg/core/ca/issuer/issuer.go).
func (c *CA) Issue(p Proxy) (Identity, error) {
	if p.Shape == AsConsul {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return Identity{}, err
		}
		return c.issue(key, p.ID())
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return Identity{}, err
	}
	return c.issue(key, p.ID(), "kuma://kuma.io/protocol/http", "kuma://kuma.io/service/"+p.Side,
		"kuma://kuma.io/zone/default", "kuma://meshbench.dev/trial/1")
}

func (c *CA) issue(key crypto.Signer, uris ...string) (Identity, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(life),
		KeyUsage:    x509.KeyUsageKeyEncipherment | x509.KeyUsageKeyAgreement | x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}, BasicConstraintsValid: true,
	}
	for _, uri := range uris {
		u, err := url.Parse(uri)
		if err != nil {
			return Identity{}, err
		}
		template.URIs = append(template.URIs, u)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, c.cert, key.Public(), c.key)
	if err != nil {
		return Identity{}, fmt.Errorf("identity %s: %w", uris[0], err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return Identity{}, err
	}
	encode := func(kind string, data []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data}) }
	return Identity{Cert: encode("CERTIFICATE", der), Key: encode("PRIVATE KEY", private),
		CA: encode("CERTIFICATE", c.cert.Raw)}, nil
}
