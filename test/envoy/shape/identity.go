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
	domain string
	key    *ecdsa.PrivateKey
	cert   *x509.Certificate
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
	return &CA{domain: domain, key: key, cert: cert}, nil
}

// AsKuma is an identity as Kuma's builtin CA issues it: an RSA key, no subject, the
// service as SPIFFE ID, and after it each tag of the Dataplane as a URI
// (2.14.3: pkg/core/ca/issuer/issuer.go).
func (c *CA) AsKuma(service string) (Identity, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return Identity{}, err
	}
	return c.issue(key, "spiffe://"+c.domain+"/"+service, "kuma://kuma.io/protocol/http",
		"kuma://kuma.io/service/"+service, "kuma://kuma.io/zone/default", "kuma://meshbench.dev/trial/1")
}

// AsConsul is an identity as Consul's builtin CA issues it
// (agent/connect/uri_service.go).
func (c *CA) AsConsul(service string) (Identity, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Identity{}, err
	}
	return c.issue(key, "spiffe://"+c.domain+"/ns/default/dc/dc1/svc/"+service)
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
