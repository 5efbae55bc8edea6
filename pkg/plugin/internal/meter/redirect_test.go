package meter

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

const canary = "canary-token-of-the-operator"

// A Prometheus that redirects does not get the token to its friend.
func TestNoTokenFollowsAPrometheusThatRedirects(t *testing.T) {
	for _, status := range []int{http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		var stolen atomic.Int32
		thief := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.Header.Get("Authorization"), canary) {
				stolen.Add(1)
			}
		}))
		t.Cleanup(thief.Close)
		asked := httptest.NewServer(http.RedirectHandler(thief.URL, status))
		t.Cleanup(asked.Close)
		source, err := Prometheus(PrometheusAccess{Address: asked.URL, Token: canary})
		if err != nil {
			t.Fatal(err)
		}
		if err := source.poll(t.Context(), targetScope()); err == nil || !strings.Contains(err.Error(), "not followed") {
			t.Errorf("%d: error %v", status, err)
		}
		if n := stolen.Load(); n != 0 {
			t.Errorf("%d: the token was sent %d times", status, n)
		}
	}
}

// Behind an API server it is the Service that redirects, and it is the one named.
func TestAServiceThatRedirectsIsNamed(t *testing.T) {
	asked := httptest.NewServer(http.RedirectHandler("http://elsewhere.example/stolen", http.StatusTemporaryRedirect))
	t.Cleanup(asked.Close)
	source, err := Prometheus(PrometheusAccess{
		Address: asked.URL + "/api/v1/namespaces/monitoring/services/prometheus:9090/proxy",
		Through: func(inner func(http.RoundTripper) http.RoundTripper) (http.RoundTripper, error) {
			return inner(http.DefaultTransport), nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	err = source.poll(t.Context(), targetScope())
	for _, part := range []string{"/namespaces/monitoring/services/prometheus:9090", "elsewhere.example", "not followed"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("error %v does not say %q", err, part)
		}
	}
}
