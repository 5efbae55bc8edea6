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
