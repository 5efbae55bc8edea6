package loadgen

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// script is a server of HTTP/1.1 that answers every request with a text of its
// own: what standard servers do not send, proxies do. end says after which of a
// connection's answers, counted from 1, it closes it.
func script(t *testing.T, answer func(n int) string, end func(n int) bool) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				in := bufio.NewReader(conn)
				for n := 1; ; n++ {
					r, err := http.ReadRequest(in)
					if err != nil {
						return
					}
					_, _ = io.Copy(io.Discard, r.Body)
					text := answer(n)
					if r.URL.Path != "/" { // the probe
						text = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
					}
					if _, err := io.WriteString(conn, text); err != nil || end(n) {
						return
					}
				}
			}()
		}
	}()
	return l.Addr().String()
}

const empty = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

// HTTP's own way of ending a connection is no failure: what nginx does after
// keepalive_requests, and Envoy after max_requests_per_connection.
func TestAnAnnouncedEndOfAConnectionIsNoFailure(t *testing.T) {
	for _, every := range []int{1, 3} {
		address := script(t, func(n int) string {
			if n%every == 0 {
				return strings.Replace(empty, "\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1)
			}
			return empty
		}, func(n int) bool { return n%every == 0 })
		s := spec(address)
		s.Connections, s.Warmup, s.Window = 2, of(0), of(200*time.Millisecond)
		r := run(t, s)
		if r.Load.Failed() != 0 || r.Load.Requests < 10 || r.Load.Sockets < r.Load.Requests/int64(every) ||
			r.Load.WindowSockets == nil || *r.Load.WindowSockets < r.Load.Requests/int64(every)-2 {
			t.Errorf("closing after %d: %d requests, errors %+v, %d sockets, %v in the window", every, r.Load.Requests,
				r.Load.Errors, r.Load.Sockets, r.Load.WindowSockets)
		}
	}
}

// A body in chunks that has none, in one segment with its header, hung the
// client until its timeout.
func TestAnEmptyChunkedBodyIsAnAnswer(t *testing.T) {
	s := spec(script(t, func(int) string { return "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n" },
		func(int) bool { return false }))
	s.Connections, s.Warmup, s.Window = 1, of(0), of(100*time.Millisecond)
	if r := run(t, s); r.Load.Failed() != 0 || r.Load.Requests < 10 || r.Load.Sockets != 1 {
		t.Errorf("%d requests, errors %+v, %d sockets", r.Load.Requests, r.Load.Errors, r.Load.Sockets)
	}
}

func TestHeadersThatAreTooLargeAreNamedSo(t *testing.T) {
	vast := strings.Replace(empty, "\r\n\r\n", "\r\nX: "+strings.Repeat("y", maxHeaderBytes)+"\r\n\r\n", 1)
	s := spec(script(t, func(int) string { return vast }, func(int) bool { return false }))
	all, err := dial(s, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer all[0].close()
	failed := all[0].send(t.Context())
	if failed == nil || !strings.Contains(failed.detail, "headers larger than 64 KiB") {
		t.Errorf("failure %+v", failed)
	}
}

// What answered, and why, is what a user needs to know of a 503.
func TestWhyARequestFailed(t *testing.T) {
	const body = "upstream connect error or disconnect/reset before headers. reset reason: overflow\n\x1b[31m"
	var asked atomic.Int64
	refuse := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == wire.PathProbe {
			_, _ = io.WriteString(w, "{}")
			return
		}
		asked.Add(1)
		w.Header().Set("Server", "envoy")
		w.Header().Set("X-Envoy-Overloaded", "true")
		w.Header().Set("Set-Cookie", "secret")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, body+strings.Repeat("z", 500))
	})
	server := serveBoth(t, refuse)
	for _, protocol := range []v1alpha1.Protocol{v1alpha1.ProtocolHTTP1, v1alpha1.ProtocolH2C} {
		s := spec(server)
		s.Protocol, s.Connections, s.Warmup, s.Window = protocol, 2, of(0), of(100*time.Millisecond)
		r := run(t, s)
		if len(r.Load.Errors) != 1 || r.Load.Errors[0].Answer == nil {
			t.Fatalf("%s: errors %+v", protocol, r.Load.Errors)
		}
		a := r.Load.Errors[0].Answer
		if !slices.Equal(a.Headers, []string{"server: envoy", "x-envoy-overloaded: true"}) ||
			!strings.HasPrefix(a.Body, "upstream connect error") || strings.ContainsAny(a.Body, "\n\x1b") ||
			len(a.Body) > maxWords {
			t.Errorf("%s: answer %+v", protocol, a)
		}
	}
	s := spec(server)
	s.Protocol, s.Connections = v1alpha1.ProtocolGRPC, 1
	all, err := dial(s, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer all[0].close()
	if failed := all[0].send(t.Context()); failed == nil || failed.answer == nil ||
		!strings.Contains(failed.answer.Message, "503") {
		t.Errorf("gRPC: failure %+v", failed)
	}
}

func serveBoth(t *testing.T, h http.Handler) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: h, Protocols: new(http.Protocols), ReadHeaderTimeout: time.Minute}
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetUnencryptedHTTP2(true)
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return l.Addr().String()
}

// A connection that the peer has closed is looked at before the next request,
// whatever the time it was idle, and costs no failure.
func TestAnIdleConnectionIsLookedAtFirst(t *testing.T) {
	s := spec(script(t, func(int) string { return empty }, func(int) bool { return true })) // without a word
	s.Connections = 1
	all, err := dial(s, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer all[0].close()
	for i := range 20 {
		if failed := all[0].send(t.Context()); failed != nil {
			t.Fatalf("request %d failed: %+v", i, failed)
		}
		awaitEnd(t, all[0])
	}
	if n := all[0].sockets(); n != 20 {
		t.Errorf("%d sockets, want 20", n)
	}
}

// At a low rate, each request of the window paid for connecting.
func TestConnectionsAreOpenBeforeTheWindow(t *testing.T) {
	httpAddress, grpcAddress := startTarget(t)
	for protocol, address := range map[v1alpha1.Protocol]string{v1alpha1.ProtocolHTTP1: httpAddress,
		v1alpha1.ProtocolH2C: httpAddress, v1alpha1.ProtocolGRPC: grpcAddress} {
		s := spec(address)
		s.Protocol, s.Connections, s.Rate, s.Warmup, s.Window = protocol, 16, 20, of(0), of(400*time.Millisecond)
		r := run(t, s)
		if r.Load.Sockets != 16 || r.Load.WindowSockets == nil || *r.Load.WindowSockets != 0 {
			t.Errorf("%s: %d sockets, in the window %v; want 16, none of them in the window", protocol, r.Load.Sockets,
				r.Load.WindowSockets)
		}
		if len(r.Load.Peers) != 1 || r.Load.Peers[0] != (v1alpha1.Peer{Address: "127.0.0.1", Family: v1alpha1.FamilyIPv4}) {
			t.Errorf("%s: peers %+v", protocol, r.Load.Peers)
		}
	}
}

// An open schedule gives the scheduler more processors than a small node has: what
// may be used is the node's, or a client at its limit is never found.
func TestProcessorsAreThoseOfTheNode(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	address, _ := startTarget(t)
	for _, rate := range []v1alpha1.Rate{20, v1alpha1.RateMax} {
		s := spec(address)
		s.Connections, s.Rate, s.Warmup, s.Window = 1, rate, of(0), of(100*time.Millisecond)
		if r := run(t, s); r.Self.Processors != 2 {
			t.Errorf("at %s/s: %d processors, want 2", rate, r.Self.Processors)
		}
		if n := runtime.GOMAXPROCS(0); n != 2 {
			t.Errorf("at %s/s: %d processors are left behind", rate, n)
		}
	}
}

func TestLoadOverIPv6(t *testing.T) {
	l, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		t.Skipf("no IPv6 here: %v", err)
	}
	_ = l.Close()
	httpAddress, grpcAddress := startTargetOn(t, "[::1]:0")
	for protocol, address := range map[v1alpha1.Protocol]string{v1alpha1.ProtocolHTTP1: httpAddress,
		v1alpha1.ProtocolH2C: httpAddress, v1alpha1.ProtocolGRPC: grpcAddress} {
		s := spec(address)
		s.Protocol, s.Warmup, s.Window = protocol, of(0), of(100*time.Millisecond)
		r := run(t, s)
		if r.Load.Failed() != 0 || r.Load.Requests == 0 || len(r.Load.Peers) != 1 ||
			r.Load.Peers[0].Family != v1alpha1.FamilyIPv6 {
			t.Errorf("%s: %d requests, errors %+v, peers %+v", protocol, r.Load.Requests, r.Load.Errors, r.Load.Peers)
		}
	}
}

// A request that does not fit into the socket's buffer is written on while the
// answer is waited for.
func TestLargeRequestsAreSentWhole(t *testing.T) {
	address, _ := startTarget(t)
	s := spec(address)
	s.Connections, s.RequestBytes, s.ResponseBytes = 2, 8<<20, 3<<20
	s.Warmup, s.Window, s.RequestTimeout = of(0), of(200*time.Millisecond), of(20*time.Second)
	if r := run(t, s); r.Load.Failed() != 0 || r.Load.Requests == 0 {
		t.Errorf("%d requests, errors %+v", r.Load.Requests, r.Load.Errors)
	}
}
