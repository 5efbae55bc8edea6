package loadgen

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
	"unicode"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// h2c is HTTP/2 without TLS, one request at a time on a connection of its own.
type h2c struct {
	client    *http.Client
	transport *http.Transport
	work      workload
	body      []byte
	opened    atomic.Int64
	sent      int
	start     beginning
}

// beginning keeps the first bytes of what is written to it, and counts none of
// the rest.
type beginning struct{ kept []byte }

func (b *beginning) Write(p []byte) (int, error) {
	b.kept = append(b.kept, p[:min(len(p), maxWords-len(b.kept))]...)
	return len(p), nil
}

func (b *beginning) Reset()         { b.kept = b.kept[:0] }
func (b *beginning) String() string { return string(b.kept) }

func openH2C(w workload, connections int) ([]sender, error) {
	var all []sender
	for range connections {
		all = append(all, newH2C(w))
	}
	return all, nil
}

func newH2C(w workload) *h2c {
	h := &h2c{work: w, body: bytes.Repeat([]byte("a"), int(w.RequestBytes))}
	h.transport = &http.Transport{
		Protocols:       new(http.Protocols),
		MaxConnsPerHost: 1,
		// The other clients ask for nothing compressed either.
		DisableCompression: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			h.opened.Add(1)
			return w.connect(ctx)
		},
	}
	h.transport.Protocols.SetUnencryptedHTTP2(true)
	h.client = &http.Client{
		Transport: h.transport, Timeout: w.timeout,
		CheckRedirect: stay,
	}
	return h
}

func (h *h2c) send(ctx context.Context) *failure {
	if n := h.work.RequestsPerConnection; n > 0 && h.sent == n {
		h.transport.CloseIdleConnections()
		h.sent = 0
	}
	h.sent++
	method, body := http.MethodGet, io.Reader(http.NoBody)
	if len(h.body) > 0 {
		method, body = http.MethodPost, bytes.NewReader(h.body)
	}
	request, err := http.NewRequestWithContext(ctx, method, h.work.url(), body)
	if err != nil {
		return &failure{class: v1alpha1.ErrorOther, detail: err.Error()}
	}
	response, err := h.client.Do(request)
	if err != nil {
		return classify(err)
	}
	defer func() { _ = response.Body.Close() }()
	h.start.Reset()
	size, err := io.Copy(&h.start, response.Body)
	switch {
	case err != nil:
		return classify(err)
	case response.StatusCode < 200 || response.StatusCode > 299:
		return statusFailure(response.StatusCode, wordsOf(response.Header, h.start.String()))
	case size != h.work.ResponseBytes:
		return &failure{class: v1alpha1.ErrorBodySize, detail: fmt.Sprintf("%d bytes", size),
			answer: wordsOf(response.Header, h.start.String())}
	}
	return nil
}

func (h *h2c) sockets() int64 { return h.opened.Load() }

func (h *h2c) close() { h.transport.CloseIdleConnections() }

// classify finds the class of a Go network error.
func classify(err error) *failure {
	var dialing *net.OpError
	var timeout net.Error
	switch {
	case errors.Is(err, errHeaders), errors.Is(err, errNoHTTP), errors.Is(err, errChunk):
		return &failure{class: v1alpha1.ErrorOther, detail: err.Error()}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) &&
		timeout.Timeout():
		return &failure{class: v1alpha1.ErrorTimeout}
	case errors.As(err, &dialing) && dialing.Op == "dial":
		return &failure{class: v1alpha1.ErrorConnect}
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF),
		errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return &failure{class: v1alpha1.ErrorReset}
	default:
		return &failure{class: v1alpha1.ErrorOther, detail: short(err)}
	}
}

// short keeps details few, so that errors can be counted by them: the numbers
// in them are those of one stream or port.
func short(err error) string {
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	text := strings.Join(strings.FieldsFunc(err.Error(), unicode.IsDigit), "N")
	return text[:min(len(text), 80)]
}

// backoff is the pause after a failure, so that a target that refuses
// connections is not asked in a busy loop.
const backoff = 10 * time.Millisecond
