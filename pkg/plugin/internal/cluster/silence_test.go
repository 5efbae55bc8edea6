package cluster

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
)

// quick makes the limits of a client short.
func quick(t *testing.T, host string) *Client {
	t.Helper()
	c, err := newClient(&rest.Config{Host: host}, "test", func(r *http.Request) time.Duration {
		if silenceLimit(r) == 0 {
			return 0
		}
		return 50 * time.Millisecond
	})
	if err != nil {
		t.Fatal(err)
	}
	c.opening = 0 // what has been silent for so long is not asked again
	return c
}

// What takes a connection and never answers, or stops within an answer, is said
// after a while, in words.
func TestAnAPIServerThatNeverAnswersIsSaid(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	stalls := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"gitVersion":`)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}))
	t.Cleanup(stalls.Close)
	for what, host := range map[string]string{"no answer": "http://" + l.Addr().String(), "half an answer": stalls.URL} {
		_, err := quick(t, host).Facts(t.Context())
		var silent *SilentError
		if !errors.As(err, &silent) || !kube.IsOutage(err) || !strings.Contains(err.Error(), "said nothing for 50ms") ||
			!strings.Contains(err.Error(), "reach the API server") {
			t.Errorf("%s: %v; want that it said nothing", what, err)
		}
	}
}

// An answer may take long as long as something comes, and what is followed may be
// silent.
func TestSlowAnswersAreWaitedFor(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text := `{"gitVersion": "v1.99.0"}`
		for i := range text {
			_, _ = io.WriteString(w, text[i:i+1])
			w.(http.Flusher).Flush()
			time.Sleep(5 * time.Millisecond) // 125 ms in all, which is beyond the limit
		}
	}))
	t.Cleanup(server.Close)
	facts, err := quick(t, server.URL).Facts(t.Context())
	if err != nil || facts.ServerVersion != "v1.99.0" {
		t.Errorf("%+v, %v", facts, err)
	}
	for address, limited := range map[string]bool{
		"/api/v1/pods": true, "/api/v1/pods?watch=true": false, "/api/v1/namespaces/a/pods/b/log?follow=true": false,
	} {
		r := httptest.NewRequest(http.MethodGet, address, nil)
		if silenceLimit(r) > 0 != limited {
			t.Errorf("%s: limit %s", address, silenceLimit(r))
		}
	}
}
