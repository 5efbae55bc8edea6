package cluster

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/rest"

	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
)

// served is a Client of an API server that says the same to everyone.
func served(t *testing.T, status int, body string) *Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if strings.HasPrefix(body, "{") {
			w.Header().Set("Content-Type", "application/json")
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	c, err := New(&rest.Config{Host: server.URL}, "test")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRawReadsUpToItsLimit(t *testing.T) {
	c := served(t, http.StatusOK, "0123456789")
	if body, err := c.Raw(t.Context(), "/metrics", nil, 10); err != nil || string(body) != "0123456789" {
		t.Errorf("%q, %v", body, err)
	}
	if _, err := c.Raw(t.Context(), "/metrics", nil, 9); err == nil ||
		!strings.Contains(err.Error(), "more than 9 bytes") {
		t.Errorf("error %v, want that it is too long", err)
	}
}

func TestRawKeepsTheServersOwnWords(t *testing.T) {
	c := served(t, http.StatusForbidden,
		`{"kind":"Status","apiVersion":"v1","status":"Failure","message":"nodes \"n1\" is forbidden: User \"u\" cannot get resource \"nodes/proxy\"","reason":"Forbidden","code":403}`)
	_, err := c.Raw(t.Context(), "/api/v1/nodes/n1/proxy/metrics", nil, 10)
	if !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), `User "u" cannot get resource "nodes/proxy"`) {
		t.Errorf("error %v", err)
	}
}

func TestServicesAreReachedThroughTheAPIServer(t *testing.T) {
	s, err := kube.ParseService("monitoring/prometheus:web")
	if err != nil {
		t.Fatal(err)
	}
	address, through, err := served(t, http.StatusOK, "").Proxy(s)
	if err != nil || through == nil ||
		!strings.HasSuffix(address, "/api/v1/namespaces/monitoring/services/prometheus:web/proxy") {
		t.Errorf("address %s, error %v", address, err)
	}
	for _, bad := range []string{"", "prometheus", "monitoring/prometheus", "/prometheus:9090", "monitoring/:9090",
		"monitoring/prometheus:", "a/b/c:1"} {
		if s, err := kube.ParseService(bad); err == nil {
			t.Errorf("%q is read as %+v", bad, s)
		}
	}
}
