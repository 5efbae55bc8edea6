package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFlagsOfAPrometheus(t *testing.T) {
	const hidden = "s3cr3t-t0ken"
	good := prometheusFlags{url: "https://prometheus.example/tenant"}
	with := func(edit func(*prometheusFlags)) prometheusFlags {
		f := good
		edit(&f)
		return f
	}
	for name, c := range map[string]struct {
		flags prometheusFlags
		says  string // of the error; empty for none
	}{
		"an address":       {good, ""},
		"none":             {prometheusFlags{}, ""},
		"a Service":        {prometheusFlags{service: "monitoring/prometheus:web"}, ""},
		"a token file":     {with(func(f *prometheusFlags) { f.token = "file:prometheus_test.go" }), ""},
		"the user's token": {with(func(f *prometheusFlags) { f.token = "kubeconfig" }), ""},
		"a forwarded port": {prometheusFlags{url: "http://127.0.0.1:9090", token: "file:prometheus_test.go"}, ""},
		"a matcher and a header": {with(func(f *prometheusFlags) {
			f.matchers, f.headers = []string{`a=~"b|c"`},
				[]string{"X-Scope-OrgID=a"}
		}), ""},
		"a password in the URL": {prometheusFlags{url: "https://u:" + hidden + "@p/"}, "lists of processes"},
		"a token in the URL":    {prometheusFlags{url: "https://p/?token=" + hidden}, "lists of processes"},
		"another scheme":        {prometheusFlags{url: "ftp://" + hidden}, "no http"},
		"a token in the clear":  {prometheusFlags{url: "http://p", token: "file:prometheus_test.go"}, "in the clear"},
		"a token itself":        {with(func(f *prometheusFlags) { f.token = hidden }), "neither file"},
		"a token for a Service": {prometheusFlags{service: "a/b:c", token: "file:prometheus_test.go"}, "forward a port"},
		"two matchers in one": {with(func(f *prometheusFlags) { f.matchers = []string{`a="b"} or x{c="d"`} }),
			"label matcher"},
		"a header of two lines": {with(func(f *prometheusFlags) { f.headers = []string{"a=b\nc: " + hidden} }),
			"NAME=VALUE"},
		"a matcher for nothing":    {prometheusFlags{matchers: []string{`a="b"`}}, "need --prometheus-url"},
		"an address and a Service": {with(func(f *prometheusFlags) { f.service = "a/b:c" }), "not both"},
	} {
		err := c.flags.check(false)
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: error %v, want %q", name, err, c.says)
		}
		if err != nil && strings.Contains(err.Error(), hidden) {
			t.Errorf("%s: the error holds the secret: %v", name, err)
		}
	}
	if err := good.check(true); err == nil {
		t.Error("--resources none goes with a Prometheus")
	}
}

func TestSecretsAreReadFromFiles(t *testing.T) {
	dir := t.TempDir()
	token, empty := filepath.Join(dir, "token"), filepath.Join(dir, "empty")
	for path, content := range map[string]string{token: "abc\n", empty: "\n"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f := prometheusFlags{url: "https://p", token: "file:" + token, headers: []string{"X-Tenant=@" + token}}
	if a, err := f.access(t.Context(), nil); err != nil || a.Token != "abc" || a.Headers["X-Tenant"] != "abc" {
		t.Errorf("%+v, %v", a, err)
	}
	for _, bad := range []string{empty, filepath.Join(dir, "none"), dir} {
		f.token = "file:" + bad
		if _, err := f.access(t.Context(), nil); err == nil {
			t.Errorf("%s is read as a token", bad)
		}
	}
}
