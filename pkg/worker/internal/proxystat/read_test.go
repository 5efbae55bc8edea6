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
		{"istio-server.txt", istio("source"), 7, -1, 4}, // it says "unknown", which is no "no"
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
	} {
		got := Read(t.Context(), c.counters)
		if !strings.Contains(got.Unread, c.want) || (got.Requests != nil) != c.known || value(got.Requests) > 0 {
			t.Errorf("%s: %d requests, unread %q, want %q", c.name, value(got.Requests), got.Unread, c.want)
		}
	}
}

func TestAnAnswerWithoutEndIsGivenUp(t *testing.T) {
	long := strings.Repeat("some_total 1\n", 100)
	if _, err := parseUpTo(int64(len(long))/2, strings.NewReader(long), istio("source")); err == nil ||
		!strings.Contains(err.Error(), "longer than") {
		t.Errorf("error %v", err)
	}
	if _, err := parseUpTo(int64(len(long))+1, strings.NewReader(long), istio("source")); err != nil {
		t.Errorf("one that fits: %v", err)
	}
}

// What is absent is not 0: users remove labels, proxies forget series, and
// agents merge the metrics of others in.
func TestALabelThatIsGoneIsNoCount(t *testing.T) {
	series := func(labels ...string) string {
		text := "# TYPE istio_requests_total counter\n"
		for _, l := range labels {
			text += "istio_requests_total{" + l + "} 31238\n"
		}
		return text
	}
	for _, c := range []struct {
		name, text            string
		requests, mtls, plain int64
		unread                string
	}{
		{"without reporter", series(`connection_security_policy="mutual_tls"`), -1, -1, -1,
			"no such label: no series of istio_requests_total has reporter"},
		{"the other reporter", series(`reporter="source",connection_security_policy="unknown"`), 0, 0, 0, ""},
		{"without connection_security_policy", series(`reporter="destination"`), 31238, -1, -1, ""},
		{"unknown", series(`reporter="destination",connection_security_policy="unknown"`), 31238, -1, -1, ""},
		{"some unknown", series(`reporter="destination",connection_security_policy="unknown"`,
			`reporter="destination",connection_security_policy="mutual_tls"`), 62476, 31238, 0, ""},
		{"plain", series(`reporter="destination",connection_security_policy="none"`), 31238, 0, 31238, ""},
		{"twice", series(`reporter="destination",response_code="200"`, `response_code="200",reporter="destination"`), -1, -1,
			-1, "is there twice"},
	} {
		got, err := parse(strings.NewReader(c.text), istio("destination"))
		if err != nil {
			got.Unread = err.Error()
		}
		if value(got.Requests) != c.requests || value(got.MutualTLS) != c.mtls || value(got.Plain) != c.plain ||
			(c.unread == "") != (got.Unread == "") || !strings.Contains(got.Unread, c.unread) || got.Connections != nil {
			t.Errorf("%s: %d requests, mutual TLS %d, plain %d, unread %q; want %d, %d, %d, %q", c.name, value(got.Requests),
				value(got.MutualTLS), value(got.Plain), got.Unread, c.requests, c.mtls, c.plain, c.unread)
		}
	}
}

func TestSeriesThatExpiredAreNoCount(t *testing.T) {
	read := func(text string) wire.ProxyReading {
		t.Helper()
		r, err := parse(strings.NewReader(text), istio("destination"))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	const old = `istio_requests_total{reporter="destination",source_workload="earlier"} 50000` + "\n"
	const now = `istio_requests_total{reporter="destination",source_workload="now"} 31238` + "\n"
	for _, c := range []struct {
		name, before, after string
		unread              bool
	}{
		{"both stay", old, old + now, false},
		{"from nothing", "", now, false},
		{"the earlier one expires", old, now, true},
		{"expires, and the sum grows", old, strings.Replace(now, "31238", "90000", 1), true},
	} {
		got := wire.Between(read(c.before), read(c.after))
		if (got.After.Unread != "") != c.unread || got.After.Series != nil || got.Before.Series != nil {
			t.Errorf("%s: %+v, want a reason: %v", c.name, got.After, c.unread)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(text(f, "istio-server.txt"))
	f.Add(text(f, "linkerd-server.txt"))
	f.Add("istio_requests_total{reporter=\"source\"} 1e300\n")
	f.Fuzz(func(t *testing.T, body string) {
		got, err := parse(strings.NewReader(body), istio("source"))
		if err == nil && (got.Requests == nil || *got.Requests < 0 || value(got.MutualTLS)+value(got.Plain) > *got.Requests) {
			t.Errorf("read %+v", got)
		}
	})
}
