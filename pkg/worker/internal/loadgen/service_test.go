package loadgen

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

const hidden = "Bearer s3cr3t-value"

// called is load on somebody's service at an address.
func called(t *testing.T, server *httptest.Server) wire.LoadSpec {
	t.Helper()
	at, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	s := spec(at.Host)
	s.Rate, s.Warmup, s.ReadyTimeout = 200, of(400*time.Millisecond), of(300*time.Millisecond)
	s.Service = &wire.ServiceCall{Method: http.MethodGet, Path: "/api/health?full=1", Status: []int{200},
		Stop: v1alpha1.StopRules{ErrorRatio: 0.05, P99Factor: 10}}
	return s
}

func runCall(ctx context.Context, s wire.LoadSpec, root fstest.MapFS) (wire.Result, wire.Probe, error) {
	var probe wire.Probe
	r, err := Run(ctx, s, root, Observer{
		Probe:   func(p wire.Probe) error { probe = p; return nil },
		Started: func(wire.Started) error { return nil }, Second: func(v1alpha1.Second) error { return nil },
		Usage: func() error { return nil },
	})
	return r, probe, err
}

func TestAServiceIsCalledAsItsDocumentSays(t *testing.T) {
	var wrong atomic.Int64
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != hidden || r.Header.Get("X-Team") != "a" ||
			r.URL.RequestURI() != "/api/health?full=1" {
			wrong.Add(1)
		}
		w.Header().Set("Server", "theirs")
		_, _ = w.Write([]byte("all is well"))
	})
	plain, encrypted := httptest.NewServer(handler), httptest.NewUnstartedServer(handler)
	encrypted.EnableHTTP2 = true
	encrypted.StartTLS()
	defer plain.Close()
	defer encrypted.Close()
	root := fstest.MapFS{"etc/meshbench/h/value": {Data: []byte(hidden + "\n")},
		"etc/meshbench/ca/value": {Data: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE",
			Bytes: encrypted.Certificate().Raw})}}
	headers := []wire.CallHeader{{Name: "X-Team", Value: "a"}, {Name: "Authorization", File: "/etc/meshbench/h/value"}}
	verified := &wire.CallTLS{CAFile: "/etc/meshbench/ca/value", ServerName: "example.com"}
	for name, c := range map[string]struct {
		server   *httptest.Server
		tls      *wire.CallTLS
		protocol v1alpha1.Protocol
	}{
		"http":    {plain, nil, v1alpha1.ProtocolHTTP1},
		"https":   {encrypted, verified, v1alpha1.ProtocolHTTP1},
		"https/2": {encrypted, verified, v1alpha1.ProtocolH2C},
	} {
		s := called(t, c.server)
		s.Protocol, s.Service.TLS, s.Service.Headers, s.Service.Contains = c.protocol, c.tls, headers, "is well"
		r, probe, err := runCall(t.Context(), s, root)
		if err != nil || r.Load.Requests < 40 || len(r.Load.Errors) > 0 || wrong.Load() > 0 {
			t.Errorf("%s: %d requests, errors %v, %d not as asked: %v", name, r.Load.Requests, r.Load.Errors, wrong.Load(), err)
		}
		if probe.ServerHeader != "theirs" || r.Target != nil || r.Load.Sockets > int64(s.Connections) {
			t.Errorf("%s: probe %+v, target %v, %d sockets", name, probe, r.Target, r.Load.Sockets)
		}
	}
	s := called(t, encrypted)
	s.Service.TLS = &wire.CallTLS{ServerName: "example.com"}
	if _, _, err := runCall(t.Context(), s, root); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("a server that nobody vouches for: %v", err)
	}
}

func TestAnswersThatAreNotExpectedBeginNoLoad(t *testing.T) {
	var met atomic.Bool
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { met.Store(true) }))
	defer elsewhere.Close()
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		says   string
	}{
		"a redirection": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, http.StatusFound)
		}, "302"},
		"not there": {http.NotFound, "404"},
		"another body": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("down")) },
			"bodyContains"},
	} {
		server := httptest.NewServer(c.answer)
		s := called(t, server)
		s.Service.Contains = "well"
		if _, _, err := runCall(t.Context(), s, nil); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
		server.Close()
	}
	if met.Load() {
		t.Error("a redirection was followed")
	}
}

// A service that begins to fail is left alone, and nothing of a secret is told, not even
// where the service repeats it.
func TestAFailingServiceIsLeftAlone(t *testing.T) {
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) > 10 {
			w.Header().Set("Via", r.Header.Get("Authorization"))
			http.Error(w, r.Header.Get("Authorization"), http.StatusServiceUnavailable)
		}
	}))
	defer server.Close()
	s := called(t, server)
	s.Warmup, s.Window = of(4*time.Second), of(30*time.Second)
	s.Service.Headers = []wire.CallHeader{{Name: "Authorization", File: "/h"}}
	_, _, err := runCall(t.Context(), s, fstest.MapFS{"h": {Data: []byte(hidden)}})
	stopped := new(StopError)
	if !errors.As(err, &stopped) || stopped.Stop.Rule != v1alpha1.StopErrors || stopped.Stop.Detail != "http-status 503" {
		t.Fatalf("%v", err)
	}
	told, _ := json.Marshal(stopped.Stop)
	if text := string(told) + err.Error(); strings.Contains(text, "s3cr3t") || stopped.Stop.AfterSeconds > 8 {
		t.Errorf("after %v s: %s", stopped.Stop.AfterSeconds, text)
	}
	s.Service.Stop.ErrorRatio, s.Window = 2, of(time.Second) // so that all is counted
	r, _, err := runCall(t.Context(), s, fstest.MapFS{"h": {Data: []byte(hidden)}})
	if err == nil {
		t.Fatal("a service that fails from the start is loaded")
	}
	if told, _ := json.Marshal(r); strings.Contains(string(told)+err.Error(), "s3cr3t") {
		t.Errorf("a secret is told: %s %v", told, err)
	}
}
