package loopback

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Front stands before an API server, as a load balancer does, and answers in its
// place when a Fault says so. A fault that cuts connections also cuts those that
// are open when it begins, logs and watches among them.
type Front struct {
	faults  *faults
	proxy   *httputil.ReverseProxy
	server  *http.Server
	address string

	mu sync.Mutex
	// open are the connections of clients.
	open map[net.Conn]bool
}

// StartFront serves on loopback before an API server, which it reaches by a
// transport that says who it is: clients of the front need not.
func StartFront(before *url.URL, by http.RoundTripper, script []Fault) (*Front, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen on loopback: %w", err)
	}
	f := &Front{faults: &faults{all: script}, address: "http://" + listener.Addr().String(), open: map[net.Conn]bool{}}
	f.proxy = &httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(before) },
		Transport:      by,
		FlushInterval:  -1, // logs and watches come as they are written
		ModifyResponse: f.count,
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
			(&answer{ResponseWriter: w}).cut() // what the API server broke off
		},
	}
	f.server = &http.Server{Handler: f, ReadHeaderTimeout: time.Minute, ConnState: f.seen}
	go func() { _ = f.server.Serve(listener) }()
	return f, nil
}

// Close ends the front and every connection through it.
func (f *Front) Close() { _ = f.server.Close() }

// LoadPods is how many load pods were created through the front.
func (f *Front) LoadPods() int { return f.faults.loadPods() }

// Taken is how many requests each fault answered, delayed or cut.
func (f *Front) Taken() []int {
	f.faults.mu.Lock()
	defer f.faults.mu.Unlock()
	all := make([]int, len(f.faults.all))
	for i, n := range f.faults.used {
		all[i] = n
	}
	return all
}

// Kubeconfig writes a kubeconfig with one context to a file.
func (f *Front) Kubeconfig(path, context string) error {
	return writeKubeconfig(path, context, f.address)
}

// ServeHTTP answers one request, or passes it on.
func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out := &answer{ResponseWriter: w, code: http.StatusOK}
	if x, times := f.faults.next(r); x != nil {
		if x.cuts() && times == 1 {
			defer f.cutAll()
		}
		if x.answer(out, r) {
			return
		}
	}
	f.proxy.ServeHTTP(w, r)
}

// count takes in that a load pod was created.
func (f *Front) count(r *http.Response) error {
	q, ok := parse(r.Request)
	if ok && q.resource == "pods" && q.resource2 == "" && strings.Contains(q.name, "-load-") &&
		r.Request.Method == http.MethodPatch && r.StatusCode < http.StatusBadRequest &&
		r.Request.URL.Query().Get("dryRun") == "" {
		f.faults.loadPodStarted()
	}
	return nil
}

func (f *Front) seen(c net.Conn, state http.ConnState) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if state == http.StateNew {
		f.open[c] = true
	}
	if state == http.StateClosed || state == http.StateHijacked {
		delete(f.open, c)
	}
}

func (f *Front) cutAll() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for c := range f.open {
		_ = c.Close()
	}
}
