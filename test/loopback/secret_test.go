package loopback_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/render"
	"github.com/meshbench/kubectl-meshbench/test/loopback"
)

// parrot is a Prometheus that repeats all it was sent in every answer.
func parrot(t *testing.T) (address string, asked *atomic.Int64) {
	t.Helper()
	asked = &atomic.Int64{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		sent := fmt.Sprint(r.Header, r.URL, r.Header.Get("Authorization"))
		w.Header().Set("Content-Type", "application/json")
		if asked.Load() == 1 { // it must be taken into use
			_, _ = fmt.Fprintf(w, `{"status":"success","data":{"resultType":"vector","result":[{"metric":{"instance":%q},`+
				`"value":[%d,"1"]}]}}`, sent, 1)
			return
		}
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = fmt.Fprintf(w, `{"status":"error","errorType":"internal","error":%q}`, sent)
	}))
	t.Cleanup(server.Close)
	return server.URL, asked
}

// Secrets are planted in every place that takes one, and looked for in all that is
// printed, written and kept.
func TestPlantedSecretsAreNowhere(t *testing.T) {
	t.Parallel()
	const token, header, inPath, user = "canary-bearer-51aa", "canary-tenant-77b0", "canary-in-the-path-0c",
		"canary-of-the-user-e9"
	l := open(t, loopback.Sane())
	// The user's token is one that every call needs.
	front := loopback.StartFront(l.server.URL(), http.DefaultTransport, nil)
	t.Cleanup(front.Close)
	front.Demand(func(token string) bool { return token == user })
	if err := front.Kubeconfig(l.kubeconfig, "lab"); err != nil {
		t.Fatal(err)
	}
	l.user("{token: " + user + "}")
	secrets := t.TempDir()
	for path, text := range map[string]string{filepath.Join(secrets, "token"): token + "\n",
		filepath.Join(secrets, "header"): header + "\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	address, asked := parrot(t)
	written := t.TempDir()
	args := small("--resources", "all", "--idle", "1s", "--prometheus-url", address+"/"+inPath,
		"--prometheus-token", "file:"+filepath.Join(secrets, "token"),
		"--prometheus-header", "X-Scope-OrgID=@"+filepath.Join(secrets, "header"), "--keep", "-v=9", "--debug",
		"-o", "csv="+filepath.Join(written, "folder")+"/")
	for _, format := range render.Formats() {
		args = append(args, "-o", format+"="+filepath.Join(written, format))
	}
	run := l.call(args...)
	if asked.Load() < 1 {
		t.Fatalf("nobody asked the Prometheus\n%s", run.errOut)
	}
	said := run.out + run.errOut
	for _, more := range [][]string{{"runs"}, {"cleanup", "--dry-run"}, {"check", "-o", "json"},
		{"cleanup", "--token", user},
		{"exp1", "--prometheus-url", "https://" + user + ":" + token + "@p/?t=" + header},
		{"exp1", "--prometheus-url", "ht!tp://" + inPath}, {"exp1", "--prometheus-header", header}} {
		o := l.call(more...)
		said += o.out + o.errOut
	}
	if l.call("cleanup", "--run", runID.FindString(l.call("runs").out)).code != 0 {
		t.Error("what was kept cannot be cleaned up")
	}
	places := map[string]string{"the terminal": said}
	for _, dir := range []string{written, filepath.Join(l.home, "state")} {
		if err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			places[filepath.Base(path)] = string(text)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	if len(places) < len(render.Formats())+3 { // the terminal and a journal's files
		t.Errorf("only %d places were looked at\n%s", len(places), run.errOut)
	}
	for place, text := range places {
		for _, secret := range []string{token, header, inPath, user} {
			if at := strings.Index(text, secret); at >= 0 {
				t.Errorf("%s is in %s: %.300q", secret, place, text[max(0, at-150):])
			}
		}
	}
}
