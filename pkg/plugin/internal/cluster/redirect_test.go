package cluster

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"k8s.io/client-go/rest"
)

const canary = "canary-token-of-the-operator"

// thief is a server that wants to be sent a token; it tells how often it was.
func thief(t *testing.T) (address string, stolen *atomic.Int32) {
	t.Helper()
	stolen = &atomic.Int32{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.Header.Get("Authorization"), canary) {
			stolen.Add(1)
		}
		_, _ = w.Write([]byte(`{"gitVersion":"v1.0.0-thief"}`))
	}))
	t.Cleanup(s.Close)
	return s.URL, stolen
}

// redirecting is a Client, with the operator's token, of an API server that
// answers every request by a redirect to there.
func redirecting(t *testing.T, status int, there string) *Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/moved" {
			_, _ = w.Write([]byte(`{"gitVersion":"v1.2.3"}`))
			return
		}
		http.Redirect(w, r, there, status)
	}))
	t.Cleanup(server.Close)
	c, err := New(&rest.Config{Host: server.URL, BearerToken: canary}, "test")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A kubelet, a Service behind the API server, or a stranger in front of it must
// not be sent the operator's token.
func TestTheTokenFollowsNoRedirect(t *testing.T) {
	for _, status := range []int{http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect,
		http.StatusPermanentRedirect} {
		there, stolen := thief(t)
		c := redirecting(t, status, there)
		var refused *RedirectError
		if _, err := c.Raw(t.Context(), "/api/v1/nodes/n1/proxy/metrics/cadvisor", nil, 1000); !errors.As(err, &refused) {
			t.Errorf("%d by a kubelet: error %v", status, err)
		}
		if facts, err := c.Facts(t.Context()); !errors.As(err, &refused) {
			t.Errorf("%d in front of the API server: %+v, error %v", status, facts, err)
		}
		if n := stolen.Load(); n != 0 {
			t.Errorf("%d: the token was sent %d times", status, n)
		}
	}
}

// An API server may move a path of its own; who answers behind it may not send
// the operator's rights to another path.
func TestOnlyTheAPIServerItselfMayRedirectWithinItself(t *testing.T) {
	c := redirecting(t, http.StatusFound, "/moved")
	if facts, err := c.Facts(t.Context()); err != nil || facts.ServerVersion != "v1.2.3" {
		t.Errorf("%+v, error %v", facts, err)
	}
	if body, err := c.Raw(t.Context(), "/api/v1/namespaces/a/services/b:c/proxy/api", nil, 1000); err == nil {
		t.Errorf("followed a Service to %q", body)
	}
}

func TestAVersionThatIsRefusedIsMissing(t *testing.T) {
	facts, err := served(t, http.StatusForbidden, `{"kind":"Status","status":"Failure","reason":"Forbidden","code":403}`).
		Facts(t.Context())
	if err != nil || facts.ServerVersion != "" || facts.Context != "test" {
		t.Errorf("%+v, %v; want the context and no version", facts, err)
	}
}
