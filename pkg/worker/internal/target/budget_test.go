package target

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// However many ask, and for whatever: what is under way stays within the budget, and
// what strangers take leaves the run its own.
func TestStrangersTakeNoMoreThanTheirShareOfMemory(t *testing.T) {
	b := &budget{most: 400 << 10}
	if !b.take(100<<10, false) || b.take(1, false) || !b.take(300<<10, true) || b.take(1, true) {
		t.Errorf("%d used, %d of them by strangers", b.used.Load(), b.strangers.Load())
	}
	b.give(100<<10, false)
	b.give(300<<10, true)
	if b.used.Load() != 0 || b.strangers.Load() != 0 {
		t.Errorf("%d bytes are not given back", b.used.Load())
	}
	e := newEcho(&counters{}, "own", limits{body: 1 << 20, delay: time.Second}, &budget{most: 4 << 20}, 0)
	served, body := make(chan int), make(chan struct{})
	send := func(path string, body io.Reader, length int64) int {
		r := httptest.NewRequest(http.MethodPost, path, body)
		r.ContentLength = length
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)
		return w.Code
	}
	const each, asking, room = 100 << 10, 40, 9 // 9 bodies of 108 KiB fit into a quarter of 4 MiB
	for range asking {
		go func() { served <- send("/", waiting{body}, each) }()
	}
	for range asking - room {
		if status := <-served; status != http.StatusServiceUnavailable {
			t.Errorf("a stranger beyond the share gets status %d", status)
		}
	}
	if status := send("/own", strings.NewReader("mine"), 4); status != http.StatusOK {
		t.Errorf("the run's own request gets status %d", status)
	}
	close(body)
	for range room {
		if status := <-served; status != http.StatusOK {
			t.Errorf("a stranger within the share gets status %d", status)
		}
	}
	if e.budget.used.Load() != 0 || e.budget.strangers.Load() != 0 {
		t.Errorf("%d bytes are not given back", e.budget.used.Load())
	}
}

// waiting is a body that ends when its channel is closed.
type waiting struct{ end chan struct{} }

func (w waiting) Read([]byte) (int, error) { <-w.end; return 0, io.EOF }

// Connections that do nothing are bounded, too, and leave room for requests.
func TestConnectionsAreBounded(t *testing.T) {
	s, err := Listen(t.Context(), Options{Addresses: map[v1alpha1.Protocol]string{v1alpha1.ProtocolHTTP1: "127.0.0.1:0"},
		MostBytes: 24 * connectionBytes})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = s.Serve(ctx) }()
	t.Cleanup(func() { stop(); <-ended })
	open := 0
	var kept []net.Conn
	for range 40 {
		c, err := net.Dial("tcp", s.Addr(v1alpha1.ProtocolHTTP1))
		if err != nil {
			continue
		}
		kept = append(kept, c)
		_ = c.SetDeadline(time.Now().Add(5 * time.Second))
		_, _ = io.WriteString(c, "GET /?size=1 HTTP/1.1\r\nHost: x\r\n\r\n")
		if n, _ := c.Read(make([]byte, 12)); n == 12 {
			open++
		}
	}
	for _, c := range kept {
		_ = c.Close()
	}
	if open != 16 {
		t.Errorf("%d connections are served, want two thirds of 24", open)
	}
}
