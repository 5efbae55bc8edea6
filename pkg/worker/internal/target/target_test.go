package target

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"fortio.org/fortio/fgrpc"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

func start(t *testing.T) *Server {
	t.Helper()
	s, err := Listen(t.Context(), Options{Addresses: map[v1alpha1.Protocol]string{
		v1alpha1.ProtocolHTTP1: "127.0.0.1:0", v1alpha1.ProtocolGRPC: "127.0.0.1:0"}, Metrics: "127.0.0.1:0", Version: "v1"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return s
}

func get(t *testing.T, method, url, body string) (status int, answer string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(data)
}

func TestTheEchoAnswersAsAsked(t *testing.T) {
	base := "http://" + start(t).Addr(v1alpha1.ProtocolHTTP1)
	for _, c := range []struct {
		method, path, body string
		status, size       int
	}{
		{"GET", "/", "", 200, 0},
		{"POST", "/", "hello", 200, 5},
		{"GET", "/?size=0", "", 200, 0},
		{"POST", "/any/path?size=3", "hello", 200, 3},
		{"GET", "/?size=1000000", "", 200, 1_000_000},
		{"GET", "/?status=503&size=2", "", 503, 2},
		{"GET", "/?delay=1ms&size=1", "", 200, 1},
	} {
		status, answer := get(t, c.method, base+c.path, c.body)
		if status != c.status || len(answer) != c.size {
			t.Errorf("%s %s: status %d and %d bytes, want %d and %d", c.method, c.path, status, len(answer), c.status, c.size)
		}
	}
	for _, path := range []string{"/?size=-1", "/?size=x", "/?size=99999999", "/?delay=2h", "/?delay=soon", "/?status=99",
		"/?%zz"} {
		if status, answer := get(t, "GET", base+path, ""); status != 400 || !strings.Contains(answer, "meshbench target") {
			t.Errorf("GET %s: status %d, %q; want 400 with a reason", path, status, answer)
		}
	}
}

func TestTheProbeTellsNamesAndIdentitiesOnly(t *testing.T) {
	base := "http://" + start(t).Addr(v1alpha1.ProtocolHTTP1)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/meshbench/probe", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "secret")
	request.Header.Set("X-Forwarded-Client-Cert",
		`By=spiffe://a/b;Hash=1;URI=spiffe://td/ns/x/sa/old,By=c;Subject="O=a;b,c";URI=spiffe://td/ns/shop/sa/load`)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	var p wire.Probe
	if err := json.Unmarshal(data, &p); err != nil {
		t.Fatal(err)
	}
	if p.ClientIdentity != "spiffe://td/ns/shop/sa/load" || p.RemoteAddress != "127.0.0.1" || p.Protocol != "HTTP/1.1" {
		t.Errorf("the probe says %+v", p)
	}
	if bytes.Contains(data, []byte("secret")) || !strings.Contains(strings.Join(p.Headers, " "), "authorization") {
		t.Errorf("the probe must name headers and keep their values: %s", data)
	}
}

func TestGRPC(t *testing.T) {
	connection, err := grpc.NewClient(start(t).Addr(v1alpha1.ProtocolGRPC),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	health, err := healthpb.NewHealthClient(connection).Check(t.Context(), &healthpb.HealthCheckRequest{})
	if err != nil || health.GetStatus() != healthpb.HealthCheckResponse_SERVING {
		t.Errorf("health is %v, %v", health, err)
	}
	ping := fgrpc.NewPingServerClient(connection)
	answer, err := ping.Ping(t.Context(), &fgrpc.PingMessage{Payload: "hello", Seq: 7})
	if err != nil || answer.GetPayload() != "hello" || answer.GetSeq() != 7 {
		t.Errorf("ping is %v, %v", answer, err)
	}
	answer, err = ping.Ping(metadata.AppendToOutgoingContext(t.Context(), wire.MetadataSize, "1000"), &fgrpc.PingMessage{})
	if err != nil || len(answer.GetPayload()) != 1000 {
		t.Errorf("ping of 1000 bytes: %d, %v", len(answer.GetPayload()), err)
	}
	if _, err = ping.Ping(metadata.AppendToOutgoingContext(t.Context(), wire.MetadataSize, "-1"),
		&fgrpc.PingMessage{}); err == nil {
		t.Error("a negative size is accepted")
	}
}

func TestMetricsFollowTheConventions(t *testing.T) {
	count := &counters{}
	count.ok.Add(3)
	registry := newRegistry("v1", count)
	problems, err := testutil.GatherAndLint(registry)
	if err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
	want := "# HELP meshbench_requests_total Requests answered by the target, by outcome.\n" +
		"# TYPE meshbench_requests_total counter\n" +
		"meshbench_requests_total{code=\"fault\"} 0\n" +
		"meshbench_requests_total{code=\"ok\"} 3\n" +
		"meshbench_requests_total{code=\"refused\"} 0\n"
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "meshbench_requests_total"); err != nil {
		t.Error(err)
	}
}

// Each service is slower by the delay of the target, so that tests with any
// protocol find it.
func TestTheTargetsOwnDelayIsOnEveryAnswer(t *testing.T) {
	const delay = 30 * time.Millisecond
	s, err := Listen(t.Context(), Options{Addresses: map[v1alpha1.Protocol]string{
		v1alpha1.ProtocolHTTP1: "127.0.0.1:0", v1alpha1.ProtocolGRPC: "127.0.0.1:0"}, Delay: delay})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go func() { _ = s.Serve(ctx) }()
	connection, err := grpc.NewClient("passthrough:///"+s.Addr(v1alpha1.ProtocolGRPC),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	for name, call := range map[string]func() error{
		"echo": func() error {
			get(t, http.MethodGet, "http://"+s.Addr(v1alpha1.ProtocolHTTP1)+"/?size=0", "")
			return nil
		},
		"check": func() error {
			_, err := healthpb.NewHealthClient(connection).Check(t.Context(), &healthpb.HealthCheckRequest{})
			return err
		},
		"ping": func() error {
			_, err := fgrpc.NewPingServerClient(connection).Ping(t.Context(), &fgrpc.PingMessage{})
			return err
		},
	} {
		begun := time.Now()
		if err := call(); err != nil {
			t.Fatal(name, err)
		}
		if took := time.Since(begun); took < delay {
			t.Errorf("%s took %s, want at least %s", name, took, delay)
		}
	}
}

func TestADelayIsKept(t *testing.T) {
	begun := time.Now()
	pause(nil, 2*time.Millisecond)
	if took := time.Since(begun); took < 2*time.Millisecond {
		t.Errorf("a pause of 2 ms took %s", took)
	}
}

func FuzzParseAsk(f *testing.F) {
	f.Add("size=1&delay=1ms&status=200")
	f.Fuzz(func(t *testing.T, query string) {
		a, err := parseAsk(query, limits{body: wire.MaxBodyBytes, delay: wire.MaxDelay})
		if err == nil &&
			(a.size < noSize || a.size > wire.MaxBodyBytes || a.delay < 0 || a.delay > wire.MaxDelay || a.status < 200 ||
				a.status > 599) {
			t.Errorf("%q is taken for %+v", query, a)
		}
	})
}

func FuzzClientOfXFCC(f *testing.F) {
	f.Add(`By=a;URI="b\"c",URI=d`)
	f.Fuzz(func(_ *testing.T, value string) { clientOfXFCC(value) })
}

// A target serves no more than its run asks for, to nobody: the ports are open.
func TestTheTargetsBoundsAreThoseOfItsRun(t *testing.T) {
	most := limits{body: 1000, delay: time.Second}
	for query, ok := range map[string]bool{
		"size=1000": true, "size=1001": false, "delay=1s": true, "delay=1001ms": false, "": true,
	} {
		if _, err := parseAsk(query, most); (err == nil) != ok {
			t.Errorf("%q: error %v", query, err)
		}
	}
	e := newEcho(&counters{}, "", most, &budget{most: defaultBudget}, 0)
	w := httptest.NewRecorder()
	e.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", strings.NewReader(strings.Repeat("x", 1001))))
	if w.Code != http.StatusBadRequest || e.count.refused.Load() != 1 {
		t.Errorf("a body that is too large: status %d", w.Code)
	}
	ctx := metadata.NewIncomingContext(t.Context(), metadata.Pairs(wire.MetadataSize, "1001"))
	p := &ping{count: &counters{}, look: &prober{count: &counters{}}, budget: &budget{most: defaultBudget}, most: most}
	if _, err := p.Ping(ctx, &fgrpc.PingMessage{}); err == nil {
		t.Error("a ping got more than the run's most")
	}
}
