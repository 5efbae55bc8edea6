package loopback

import (
	"encoding/pem"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
)

// Front stands before an API server, as a load balancer does, and answers in its
// place when a Fault says so. A fault that cuts connections also cuts those that
// are open when it begins, logs and watches among them.
type Front struct {
	faults *faults
	proxy  *httputil.ReverseProxy
	server *httptest.Server

	mu sync.Mutex
	// open are the connections of clients.
	open map[net.Conn]bool
	// valid says of a bearer token whether it lets a request pass; nil lets all.
	valid   func(token string) bool
	refused int
}

// StartFront serves on loopback before an API server, which it reaches by a
// transport that says who it is: clients of the front need not.
func StartFront(before *url.URL, by http.RoundTripper, script []Fault) *Front {
	f := &Front{faults: &faults{all: script}, open: map[net.Conn]bool{}}
	f.proxy = &httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(before) },
		Transport:      by,
		FlushInterval:  -1, // logs and watches come as they are written
		ModifyResponse: f.count,
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
			(&answer{ResponseWriter: w}).cut() // what the API server broke off
		},
	}
	f.server = httptest.NewUnstartedServer(f)
	f.server.Config.ConnState = f.seen
	f.server.StartTLS() // client-go sends no credentials without
	return f
}

// Close ends the front and every connection through it.
func (f *Front) Close() {
	f.server.CloseClientConnections()
	f.server.Close()
}

// Demand answers 401 from now on to requests without a token that is valid then.
func (f *Front) Demand(valid func(token string) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.valid = valid
}

// Refused is how many requests had no valid token.
func (f *Front) Refused() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.refused
}

func (f *Front) refuses(r *http.Request) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.valid == nil {
		return false
	}
	token, given := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if given && f.valid(token) {
		return false
	}
	f.refused++
	return true
}

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
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: f.server.Certificate().Raw})
	return writeKubeconfig(path, context, f.server.URL, ca)
}

// ServeHTTP answers one request, or passes it on.
func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if f.refuses(r) {
		http.Error(w, "Unauthorized", http.StatusUnauthorized)
		return
	}
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
