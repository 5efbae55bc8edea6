package meter

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// PrometheusAccess says where a Prometheus is, how it lets one in, and which of
// its series are of this cluster.
type PrometheusAccess struct {
	// Address has no credentials: they would be in lists of processes.
	Address string
	// Through makes a transport that adds credentials of its own, around a part
	// that sees what is sent in the end; nil for the usual transport.
	Through func(inner func(http.RoundTripper) http.RoundTripper) (http.RoundTripper, error)
	// Token is sent as a bearer token; empty for none.
	Token string
	// Headers are sent with every request.
	Headers map[string]string
	// CA are PEM certificates that are trusted instead of the system's.
	CA []byte
	// Matchers are PromQL label matchers that every series must meet.
	Matchers []string
}

// transport returns what requests go through, and all that it sends in secret.
func (a PrometheusAccess) transport() (http.RoundTripper, *secrets, error) {
	known := newSecrets(a.Token)
	known.add(slices.Collect(maps.Values(a.Headers))...)
	if u, err := url.Parse(a.Address); err == nil {
		// Some gateways take a token as part of the path.
		const likeAToken = 16
		for part := range strings.SplitSeq(u.Path, "/") {
			if len(part) >= likeAToken && a.Through == nil {
				known.add(part)
			}
		}
	}
	var out http.RoundTripper
	var err error
	if a.Through != nil {
		out, err = a.Through(func(next http.RoundTripper) http.RoundTripper { return witness{next, known} })
	} else {
		out, err = trusting(a.CA)
	}
	return sending{out, a.Token, a.Headers}, known, err
}

// trusting is the usual transport, with authorities of one's own if there are any.
func trusting(ca []byte) (http.RoundTripper, error) {
	usual, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return nil, errors.New("the default transport is none of net/http")
	}
	if len(ca) == 0 {
		return usual, nil
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(ca) {
		return nil, errors.New("the CA file holds no certificate in PEM form")
	}
	own := usual.Clone()
	own.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	return own, nil
}

// sending adds a token and headers to requests.
type sending struct {
	http.RoundTripper
	token   string
	headers map[string]string
}

func (s sending) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	for name, value := range s.headers {
		r.Header.Set(name, value)
	}
	if s.token != "" {
		r.Header.Set("Authorization", "Bearer "+s.token)
	}
	return s.RoundTripper.RoundTrip(r)
}

// barred adds to a refusal what may end it.
func barred(err error) error {
	text := err.Error()
	for _, sign := range []struct{ of, advice string }{
		{"client error: 401", "it wants credentials: --prometheus-token, or --prometheus-header for a tenant"},
		{"client error: 403", "it does not take these credentials: --prometheus-token, --prometheus-header"},
		{"no org id", "it wants a tenant: --prometheus-header X-Scope-OrgID=TENANT"},
		{"invalid character '<'", "it answers with a web page, such as a login's: --prometheus-token, or another address"},
		{"certificate", "give the authority that signed it: --prometheus-ca FILE"},
	} {
		if strings.Contains(text, sign.of) {
			return fmt.Errorf("%w: %s", err, sign.advice)
		}
	}
	return err
}
