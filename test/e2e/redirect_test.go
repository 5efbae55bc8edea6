//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"k8s.io/client-go/tools/clientcmd"

	"github.com/meshbench/kubectl-meshbench/test/harness"
)

// A Service that says it is a Prometheus and redirects gets nobody's token: not
// that of the kubeconfig, which the plugin sends to the API server with each
// request, nor a secret header. The run ends before anything is created, with an
// error that names the source.
func TestAPrometheusThatRedirectsGetsNoToken(t *testing.T) {
	const canary = "canary-of-the-tenant-9d41"
	s := newSuite(t)
	var mu sync.Mutex
	var stolen []string
	thief := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		stolen = append(stolen, fmt.Sprint(r.URL, r.Header))
	}))
	t.Cleanup(thief.Close)
	baseline, meshed := s.pair(nil)
	user := s.tempFile("kubeconfig")
	if err := s.User(t.Context(), user, nil, baseline, meshed); err != nil {
		t.Fatal(err)
	}
	config, err := clientcmd.LoadFromFile(user)
	if err != nil {
		t.Fatal(err)
	}
	token := config.AuthInfos[config.Contexts[config.CurrentContext].AuthInfo].Token
	if token == "" {
		t.Fatal("the user has no token to lose")
	}
	s.grant(baseline)
	monitoring := s.namespace(harness.Namespace{Prefix: "monitoring"})
	if err := s.RunRedirector(t.Context(), monitoring, "prometheus", thief.URL+"/stolen"); err != nil {
		t.Fatal(err)
	}
	header := s.tempFile("header")
	if err := os.WriteFile(header, []byte(canary), 0o600); err != nil {
		t.Fatal(err)
	}
	got := s.runAs(user, "exp1", "--baseline", baseline, "--meshed", meshed, "--prometheus-service",
		monitoring+"/prometheus:9090", "--prometheus-header", "X-Scope-OrgID=@"+header, "--rounds", "1", "--duration", "1s",
		"--warmup", "200ms", "--connections", "4").wantCode(t, 1)
	got.wantError(t, "Prometheus", monitoring+"/", "redirect", "not followed")
	for _, secret := range []string{token, canary} {
		if strings.Contains(got.stdout+got.stderr, secret) {
			t.Error("a secret is shown")
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if len(stolen) > 0 {
		t.Errorf("the redirect was followed: %v", stolen)
	}
	s.wantUntouched(baseline)
	s.wantUntouched(meshed)
}
