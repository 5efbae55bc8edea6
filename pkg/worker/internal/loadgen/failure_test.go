package loadgen

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/worker/internal/target"
)

// fortio's client sends a request again, on another connection and with another
// timeout, if nothing came back on a connection that was used before: a request
// that took longer than it may is a timeout all the same.
func TestAnAnswerAfterTheTimeoutIsATimeout(t *testing.T) {
	for _, host := range []string{"127.0.0.1", "localhost"} {
		t.Run(host, func(t *testing.T) {
			var requests atomic.Int64
			server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if requests.Add(1) == 2 {
					<-r.Context().Done()
				}
			}))
			defer server.Close()
			_, port, err := net.SplitHostPort(server.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			s := spec(net.JoinHostPort(host, port))
			s.Connections, s.RequestTimeout = 1, of(100*time.Millisecond)
			all, err := dial(s, "", nil)
			if err != nil {
				t.Fatal(err)
			}
			defer all[0].close()
			if failed := all[0].send(t.Context()); failed != nil {
				t.Fatalf("the first request failed: %+v", *failed)
			}
			failed := all[0].send(t.Context())
			if failed == nil || failed.class != v1alpha1.ErrorTimeout {
				t.Errorf("a request that was not answered within its timeout gave %+v, want a timeout", failed)
			}
			if n := requests.Load(); n != 2 {
				t.Errorf("the target got %d requests, want 2: one was sent again after its timeout", n)
			}
			if failed := all[0].send(t.Context()); failed != nil {
				t.Errorf("the request after it failed: %+v", *failed)
			}
		})
	}
}

// A request that was dropped on a connection in use has failed, though fortio's
// client sends it again without a word. A server may close one that was idle.
func TestDroppedRequestsAreResets(t *testing.T) {
	const every = 5
	var asked, answered atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/meshbench/probe" {
			_, _ = io.WriteString(w, "{}")
			return
		}
		if asked.Add(1)%every == 0 {
			panic(http.ErrAbortHandler)
		}
		answered.Add(1)
	}))
	defer server.Close()
	s := spec(strings.TrimPrefix(server.URL, "http://"))
	s.Warmup, s.Connections = of(0), 1
	r := run(t, s)
	dropped := asked.Load() - answered.Load()
	if len(r.Load.Errors) != 1 || r.Load.Errors[0].Class != v1alpha1.ErrorReset || r.Load.Failed() < dropped-1 ||
		r.Load.Failed() > dropped {
		t.Errorf("%d requests were dropped, %d answered, the errors are %+v", dropped, answered.Load(), r.Load.Errors)
	}
}

func TestClosingAnIdleConnectionIsNoError(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	s := spec(strings.TrimPrefix(server.URL, "http://"))
	s.Connections = 1
	all, err := dial(s, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer all[0].close()
	if failed := all[0].send(t.Context()); failed != nil {
		t.Fatalf("the first request failed: %+v", *failed)
	}
	server.CloseClientConnections()
	awaitEnd(t, all[0])
	if failed := all[0].send(t.Context()); failed != nil || all[0].sockets() != 2 {
		t.Errorf("%d sockets, failure %+v; want a second socket and no failure", all[0].sockets(), failed)
	}
}

// awaitEnd waits until the end of a connection has come in.
func awaitEnd(t *testing.T, s sender) {
	t.Helper()
	h, ok := s.(*http1)
	if !ok {
		t.Fatalf("the client is a %T", s)
	}
	raw, err := h.conn.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	_ = h.conn.SetDeadline(time.Now().Add(10 * time.Second))
	if err := raw.Read(func(fd uintptr) bool {
		n, _, err := syscall.Recvfrom(int(fd), make([]byte, 1), syscall.MSG_PEEK)
		return n >= 0 && err == nil
	}); err != nil {
		t.Fatal(err)
	}
}

// Errors are counted by their details, so these must stay few, however many
// streams are reset.
func TestDetailsOfErrorsStayFew(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/meshbench/probe" {
			_, _ = io.WriteString(w, "{}")
			return
		}
		panic(http.ErrAbortHandler)
	}))
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	defer server.Close()
	s := spec(strings.TrimPrefix(server.URL, "http://"))
	s.Protocol, s.Warmup = v1alpha1.ProtocolH2C, of(0)
	if r := run(t, s); r.Load.Failed() < 5 || len(r.Load.Errors) != 1 {
		t.Errorf("%d failures, errors %+v; want several of one kind", r.Load.Failed(), r.Load.Errors)
	}
}

func TestTheRecorderBoundsTheKindsOfErrors(t *testing.T) {
	r := newRecorder(false, 3)
	const kinds = 10_000
	now := time.Now()
	for i := range kinds {
		r.record(i, sample{sent: now, ended: now, failure: &failure{class: v1alpha1.ErrorBodySize, detail: fmt.Sprint(i)}})
	}
	r.turn(0)
	got := r.result()
	if got.Failed() != kinds || len(got.Errors) > maxKinds+1 {
		t.Errorf("%d failures of %d kinds, want %d of at most %d", got.Failed(), len(got.Errors), kinds, maxKinds+1)
	}
}

// What the target redirects to is no answer of the target.
func TestRedirectsAreNotFollowed(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		}
	}))
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetHTTP1(true)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	defer server.Close()
	for _, protocol := range []v1alpha1.Protocol{v1alpha1.ProtocolHTTP1, v1alpha1.ProtocolH2C} {
		s := spec(strings.TrimPrefix(server.URL, "http://"))
		s.Protocol, s.Connections = protocol, 1
		all, err := dial(s, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		failed := all[0].send(t.Context())
		if failed == nil || failed.kind() != (kind{v1alpha1.ErrorStatus, "302"}) {
			t.Errorf("%s: a redirection gave %+v, want status 302", protocol, failed)
		}
		all[0].close()
	}
}

// A target that comes back is found as soon as by the other protocols: gRPC's
// own pauses between connections grow to two minutes.
func TestAGRPCTargetThatComesBackIsFoundAtOnce(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	_ = free.Close()
	s := spec(address)
	s.Protocol, s.Connections = v1alpha1.ProtocolGRPC, 1
	all, err := dial(s, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer all[0].close()
	if failed := all[0].send(t.Context()); failed == nil {
		t.Fatal("there is no target yet, and a call was answered")
	}
	server, err := target.Listen(t.Context(),
		target.Options{Addresses: map[v1alpha1.Protocol]string{v1alpha1.ProtocolGRPC: address}})
	if err != nil {
		t.Skipf("the port was taken meanwhile: %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go func() { _ = server.Serve(ctx) }()
	const few = 40 // gRPC's own pause is a second, and so a hundred tries
	for range few {
		if all[0].send(t.Context()) == nil {
			return
		}
		time.Sleep(backoff)
	}
	t.Errorf("not found in %d tries", few)
}
