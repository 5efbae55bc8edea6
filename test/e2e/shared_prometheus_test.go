//go:build e2e

package e2e

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// One Prometheus holds two clusters, whose nodes and containers have the same names,
// and lets nobody in without a token. Nothing of it becomes a figure until the
// token is right and a matcher says which cluster is meant.
func TestAPrometheusOfTwoClustersBehindAToken(t *testing.T) {
	s := newSuite(t)
	prometheus, err := s.StartPrometheus(t.Context(), t.TempDir(), "127.0.0.1", "ours", "theirs")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = prometheus.Stop() })
	behind, err := url.Parse(prometheus.URL)
	if err != nil {
		t.Fatal(err)
	}
	const secret = "the-token-of-the-tenant"
	// Both clusters together would be twice as much; samples are of other seconds.
	const twice = 1.6
	pass := httputil.NewSingleHostReverseProxy(behind)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+secret {
			http.Error(w, "no token, or a wrong one", http.StatusUnauthorized)
			return
		}
		pass.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	right, wrong := s.tempFile("token"), s.tempFile("wrong")
	for path, token := range map[string]string{right: secret, wrong: "another"} {
		if err := os.WriteFile(path, []byte(token+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	baseline, meshed := s.pair(nil)
	measured := func(more ...string) result {
		return s.run(append([]string{"exp1", "--baseline", baseline, "--meshed", meshed, "--rounds", "1", "--warmup", "1s",
			"--connections", "4", "--resources", "all", "--idle", "5s", "--prometheus-url", front.URL,
			"-o", "json"}, more...)...)
	}
	measured("--prometheus-token", "file:"+wrong, "--duration", "12s").wantCode(t, 1).wantError(t, "401")
	s.wantNothingLeft(baseline, meshed)
	// Without a matcher, series that are alike are one, and those that are not are none:
	// no figure is of both clusters together. Figures may be missing, for too few samples too.
	for _, trial := range measured("--prometheus-token", "file:"+right, "--duration", "12s").wantCode(t, 0).report(t).Trials {
		for _, u := range trial.Resources.Containers {
			if u.Source != v1alpha1.SourcePrometheus || u.Side == v1alpha1.SideOther || u.CPUSeconds == nil {
				continue
			}
			known, said := cores(t, trial, u.Side, v1alpha1.SourceInPod), *u.CPUSeconds/u.CoveredSeconds
			if said > known*twice {
				t.Errorf("trial %s: %s of %s used %.4f cores, by Prometheus %.4f", trial.ID, u.Container, u.Pod, known, said)
			}
		}
	}
	report := measured("--prometheus-token", "file:"+right, "--prometheus-matcher", `cluster="ours"`,
		"--duration", "30s").wantCode(t, 0).report(t)
	for _, trial := range report.Trials {
		if trial.Resources == nil {
			t.Fatalf("trial %s has no resources", trial.ID)
		}
		for _, side := range []v1alpha1.Side{v1alpha1.SideClient, v1alpha1.SideServer} {
			known, said := cores(t, trial, side, v1alpha1.SourceInPod), cores(t, trial, side, v1alpha1.SourcePrometheus)
			t.Logf("trial %s, %s: %.4f cores by the worker, %.4f by the shared Prometheus", trial.ID, side, known, said)
			if said < known/twice || said > known*twice {
				t.Errorf("trial %s, %s: %.4f cores by the worker, %.4f by the shared Prometheus", trial.ID, side, known, said)
			}
		}
	}
}
