package meter

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

const canary = "canary-token-of-the-operator"

// bearing adds a token to every request, as the transport of a kubeconfig does.
type bearing struct{ http.RoundTripper }

func (b bearing) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+canary)
	return b.RoundTripper.RoundTrip(r)
}

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
		source, err := Prometheus(asked.URL, bearing{http.DefaultTransport})
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
