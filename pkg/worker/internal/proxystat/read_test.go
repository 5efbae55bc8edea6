package proxystat

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

func istio(reporter string) wire.ProxyCounters {
	labels := map[string]string{"reporter": reporter}
	return wire.ProxyCounters{
		Port: 15020, Path: "/stats/prometheus",
		Requests:    wire.Counter{Name: "istio_requests_total", Labels: labels},
		Connections: &wire.Counter{Name: "istio_tcp_connections_opened_total", Labels: labels},
		MTLSLabel:   "connection_security_policy", MTLSValue: "mutual_tls",
	}
}

func linkerd() wire.ProxyCounters {
	return wire.ProxyCounters{
		Port: 4191, Path: "/metrics",
		Requests:    wire.Counter{Name: "request_total", Labels: map[string]string{"direction": "inbound"}},
		Connections: &wire.Counter{Name: "tcp_open_total", Labels: map[string]string{"direction": "inbound", "peer": "src"}},
		MTLSLabel:   "tls", MTLSValue: "true",
	}
}

// text has the names and labels that these proxies write; its values are made up.
func text(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// at serves a text where the counters are looked for.
func at(t *testing.T, c wire.ProxyCounters, handler http.HandlerFunc) wire.ProxyCounters {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		t.Fatal(err)
	}
	c.Port = int32(port)
	return c
}

func value(p *int64) int64 {
	if p == nil {
		return -1
	}
	return *p
}

func TestCountersAreReadOverLoopback(t *testing.T) {
	for _, c := range []struct {
		file                             string
		counters                         wire.ProxyCounters
		requests, mutualTLS, connections int64
	}{
		{"istio-server.txt", istio("destination"), 31240, 31238, 3},
		{"istio-server.txt", istio("source"), 7, 0, 4},
		{"linkerd-server.txt", linkerd(), 31273, 31238, 68},
	} {
		body := text(t, c.file)
		got := Read(t.Context(), at(t, c.counters, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != c.counters.Path {
				http.NotFound(w, r)
				return
			}
			_, _ = w.Write([]byte(body))
		}))
		if got.Unread != "" || value(got.Requests) != c.requests || value(got.MutualTLS) != c.mutualTLS ||
			value(got.Connections) != c.connections {
			t.Errorf("%s, %v: requests %d, mutual TLS %d, connections %d, unread %q; want %d, %d, %d", c.file,
				c.counters.Requests.Labels,
				value(got.Requests), value(got.MutualTLS), value(got.Connections), got.Unread, c.requests, c.mutualTLS,
				c.connections)
		}
	}
}

// Envoy as it comes has no counter of Istio's: that is no count of 0.
func TestWhatCannotBeReadIsAReason(t *testing.T) {
	free := at(t, istio("source"), nil)
	gone := httptest.NewServer(nil)
	u, _ := url.Parse(gone.URL)
	gone.Close()
	port, _ := strconv.Atoi(u.Port())
	free.Port = int32(port)
	endless := func(w http.ResponseWriter, _ *http.Request) {
		line := strings.Repeat("x", 1<<10) + " 1\n"
		for range maxBytes>>10 + 1 {
			if _, err := w.Write([]byte(line)); err != nil {
				return
			}
		}
	}
	says := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }
	}
	for _, c := range []struct {
		name     string
		counters wire.ProxyCounters
		want     string
		known    bool // as 0
	}{
		{"no such counter", at(t, istio("source"), says("envoy_cluster_upstream_rq_total 2\nistio_requests_total_sum 3\n")),
			"has no counter istio_requests_total", true},
		{"nothing there", free, "nothing listens", false},
		{"an error", at(t, istio("source"), http.NotFound), "404", false},
		{"no text of that format", at(t, istio("source"), says("istio_requests_total{ 1\n")), "text format parsing error",
			false},
		{"no count", at(t, istio("source"), says(`istio_requests_total{reporter="source"} NaN`+"\n")), "no count", false},
		{"a line without end", at(t, istio("source"), says(strings.Repeat("x", maxLine+1))), "token too long", false},
		{"an answer without end", at(t, istio("source"), endless), "longer than", false},
	} {
		got := Read(t.Context(), c.counters)
		if !strings.Contains(got.Unread, c.want) || (got.Requests != nil) != c.known || value(got.Requests) > 0 {
			t.Errorf("%s: %d requests, unread %q, want %q", c.name, value(got.Requests), got.Unread, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(text(f, "istio-server.txt"))
	f.Add(text(f, "linkerd-server.txt"))
	f.Add("istio_requests_total{reporter=\"source\"} 1e300\n")
	f.Fuzz(func(t *testing.T, body string) {
		got, err := parse(strings.NewReader(body), istio("source"))
		if err == nil && (got.Requests == nil || *got.Requests < 0 || value(got.MutualTLS) > *got.Requests) {
			t.Errorf("read %+v", got)
		}
	})
}
