package cluster

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"k8s.io/client-go/rest"

	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
)

// A query by POST is a write to an API server, for which no Role of ours has the
// right; libraries that get a 405 ask again by GET.
func TestServicesAreReadAndNeverWritten(t *testing.T) {
	var seen []string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Method)
	}))
	defer server.Close()
	c, err := New(&rest.Config{Host: server.URL}, "test")
	if err != nil {
		t.Fatal(err)
	}
	address, through, err := c.Proxy(kube.Service{Namespace: "monitoring", Name: "prometheus", Port: "web"})
	if err != nil {
		t.Fatal(err)
	}
	transport, err := through(func(next http.RoundTripper) http.RoundTripper { return next })
	if err != nil {
		t.Fatal(err)
	}
	for method, want := range map[string]int{http.MethodGet: 200, http.MethodPost: 405, http.MethodDelete: 405} {
		request, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader("query=up"))
		if err != nil {
			t.Fatal(err)
		}
		response, err := transport.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		if response.StatusCode != want {
			t.Errorf("%s is answered with %d, want %d", method, response.StatusCode, want)
		}
		if err := response.Body.Close(); err != nil {
			t.Error(err)
		}
	}
	if !slices.Equal(seen, []string{http.MethodGet}) {
		t.Errorf("the API server saw %v", seen)
	}
}
