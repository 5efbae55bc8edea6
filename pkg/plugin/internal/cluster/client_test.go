package cluster

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/client-go/rest"
)

// Whoever reads an API server's audit log finds the program by its name.
func TestCallsSayWhichProgramMakesThem(t *testing.T) {
	var agent string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		agent = r.UserAgent()
		_, _ = w.Write([]byte(`{"gitVersion": "v1"}`))
	}))
	defer server.Close()
	c, err := New(&rest.Config{Host: server.URL}, "test")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Facts(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := filepath.Base(os.Args[0]) + "/"; !strings.HasPrefix(agent, want) {
		t.Errorf("the user agent is %q, want one that begins with %q", agent, want)
	}
}
