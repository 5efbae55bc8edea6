package loadgen

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httputil"
	"strings"
	"time"

	"fortio.org/fortio/fhttp"
	"fortio.org/fortio/stats"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// keptIdle is how long servers keep a connection that is not used, at least: one
// that is gone before has dropped the request that was under way on it.
const keptIdle = time.Second

// headerRoom is how much a response's headers may take of fortio's buffer.
const headerRoom = 64 << 10

// http1 is fortio's fast HTTP/1.1 client: one connection, one buffer, no
// parsing beyond what the answer needs.
type http1 struct {
	client *fhttp.FastClient
	opened *stats.Histogram
	log    *clientLog
	id     int
	work   workload
	within due
	// used is when the last answer came.
	used time.Time
}

func openHTTP1(w workload, connections int) ([]sender, error) {
	// fortio sizes the buffer of every client by this variable of its own.
	fhttp.BufferSizeKb = int((w.ResponseBytes + headerRoom) >> 10)
	log := watchClientLog()
	var all []sender
	for id := range connections {
		options := fhttp.NewHTTPOptions(w.url())
		options.HTTPReqTimeOut = w.timeout
		options.ID = id
		if w.RequestBytes > 0 {
			options.Payload = bytes.Repeat([]byte("a"), int(w.RequestBytes))
			options.ContentType = "application/octet-stream"
		}
		if n := w.RequestsPerConnection; n > 0 {
			options.ConnReuseRange = [2]int{n, n}
		}
		made, err := fhttp.NewFastClient(options)
		if err != nil {
			return nil, fmt.Errorf("prepare connection %d: %w", id, err)
		}
		client, ok := made.(*fhttp.FastClient)
		if !ok {
			return nil, errors.New("prepare connections: the target's name is not resolved")
		}
		_, opened := client.GetIPAddress()
		all = append(all, &http1{client: client, opened: opened, log: log, id: id, work: w})
	}
	return all, nil
}

func (h *http1) send(ctx context.Context) *failure {
	begun, opened := time.Now(), h.opened.Count
	h.within = due{ctx, begun.Add(h.work.timeout)}
	code, data, header := h.client.Fetch(&h.within) //nolint:contextcheck // it hands ctx on
	idle := begun.Sub(h.used)
	h.used = time.Now()
	// fortio may have made two tries, each within its own deadline.
	resent := (code < 0 || h.opened.Count != opened) && h.log.resent(h.id)
	switch {
	case h.opened.Count != opened && h.used.Sub(begun) >= h.work.timeout:
		return &failure{class: v1alpha1.ErrorTimeout}
	case code >= 200 && code < 300 && resent && idle < keptIdle:
		return &failure{class: v1alpha1.ErrorReset}
	case code >= 200 && code < 300:
		body := data[min(header, len(data)):]
		if int64(len(body)) == h.work.ResponseBytes || dechunkedSize(data, header) == h.work.ResponseBytes {
			return nil
		}
		return &failure{v1alpha1.ErrorBodySize, fmt.Sprintf("%d bytes", len(body))}
	case code > 0:
		return &failure{v1alpha1.ErrorStatus, fmt.Sprint(code)}
	case h.used.Sub(begun) >= h.work.timeout:
		return &failure{class: v1alpha1.ErrorTimeout}
	default:
		return h.log.reason(h.id)
	}
}

// due is a context that has ended once an instant is past. It is looked at only
// when fortio resolves a name to connect anew, as it does to send a request a
// second time if nothing came back on a connection that was used before; so it
// needs no timer, which each request would pay for.
type due struct {
	context.Context
	at time.Time
}

func (d *due) Done() <-chan struct{} {
	if d.Err() == nil {
		return d.Context.Done()
	}
	ended := make(chan struct{})
	close(ended)
	return ended
}

func (d *due) Err() error {
	if err := d.Context.Err(); err != nil || time.Now().Before(d.at) {
		return err
	}
	return context.DeadlineExceeded
}

// dechunkedSize is the size of a body that came in chunks, as it does behind
// some proxies; -1 if it did not.
func dechunkedSize(data []byte, header int) int64 {
	if header > len(data) || !bytes.Contains(bytes.ToLower(data[:header]), []byte("transfer-encoding: chunked")) {
		return -1
	}
	n, err := io.Copy(io.Discard, httputil.NewChunkedReader(bytes.NewReader(data[header:])))
	if err != nil {
		return -1
	}
	return n
}

// sockets reads fortio's own count, which its histogram of connection times keeps.
func (h *http1) sockets() int64 { return h.opened.Count }

func (h *http1) close() { h.client.Close() }

// reasonOf maps what fortio's client logs to a class of errors: it tells its
// caller only that a socket failed.
func reasonOf(message string) *failure {
	switch {
	case strings.Contains(message, "Unable to connect"), strings.Contains(message, "Unable to resolve"):
		return &failure{class: v1alpha1.ErrorConnect}
	case strings.Contains(message, "Timeout"):
		return &failure{class: v1alpha1.ErrorTimeout}
	case strings.Contains(message, "Read error"), strings.Contains(message, "Unable to write"),
		strings.Contains(message, deadSocket):
		return &failure{class: v1alpha1.ErrorReset}
	default:
		return &failure{class: v1alpha1.ErrorOther, detail: "socket"}
	}
}
