package cluster

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"k8s.io/client-go/rest"
)

// front is an API server on loopback behind something that answers first.
func front(t *testing.T, before func(http.ResponseWriter) bool) *Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if before(w) {
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"kind":"Pod","apiVersion":"v1","metadata":{"name":"ours","namespace":"shop","uid":"u"}}`))
	}))
	t.Cleanup(server.Close)
	c, err := New(&rest.Config{Host: server.URL}, "test")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// What stands before an API server answers for it, and tokens are rotated.
func TestShortRefusalsAreWaitedFor(t *testing.T) {
	for name, answer := range map[string]func(http.ResponseWriter){
		"502": func(w http.ResponseWriter) { http.Error(w, "<html>bad gateway</html>", http.StatusBadGateway) },
		"500": func(w http.ResponseWriter) { http.Error(w, "oops", http.StatusInternalServerError) },
		"401": func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = w.Write([]byte(`{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Unauthorized","code":401}`))
		},
	} {
		t.Run(name, func(t *testing.T) {
			var calls atomic.Int32
			c := front(t, func(w http.ResponseWriter) bool {
				if calls.Add(1) > 2 {
					return false
				}
				answer(w)
				return true
			})
			begun := time.Now()
			pod, err := c.GetPod(t.Context(), "shop", "ours")
			if err != nil || pod == nil || pod.Name != "ours" || calls.Load() != 3 {
				t.Errorf("pod %v, error %v after %d calls; want it at the third", pod, err, calls.Load())
			}
			if !c.LastOutage().After(begun) {
				t.Error("the outage is not noted")
			}
		})
	}
}
