package loadgen

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

const (
	// keptIdle is how long servers keep a connection that is not used, at least: one
	// that ends before has dropped the request that was under way on it.
	keptIdle = time.Second
	// leastBuffer and mostBuffer bound what a connection reads at once, and so the
	// memory that it holds: bodies are counted, not kept.
	leastBuffer = 4 << 10
	mostBuffer  = 64 << 10
)

// http1 is one connection of HTTP/1.1 with one request in flight at most. It
// sees what a generator must tell apart and clients hide: whether the peer
// announced the end of the connection, closed it while it was idle, or dropped
// a request.
type http1 struct {
	work    workload
	request []byte
	conn    *net.TCPConn
	over    *exchange
	in      answerReader
	opened  atomic.Int64
	// onConn counts the requests of this connection; used is when its last answer
	// came.
	onConn int
	used   time.Time
}

func openHTTP1(w workload, connections int) ([]sender, error) {
	request := w.http1Request()
	size := min(max(w.ResponseBytes+leastBuffer/2, leastBuffer), mostBuffer)
	var all []sender
	for range connections {
		all = append(all, &http1{work: w, request: request, in: answerReader{buffer: make([]byte, size)}})
	}
	return all, nil
}

// http1Request is the whole request; all connections share it.
func (w workload) http1Request() []byte {
	var b bytes.Buffer
	method := "GET"
	if w.RequestBytes > 0 {
		method = "POST"
	}
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: meshbench\r\n", method, w.path(), w.target)
	if w.RequestBytes > 0 {
		fmt.Fprintf(&b, "Content-Type: application/octet-stream\r\nContent-Length: %d\r\n", w.RequestBytes)
	}
	b.WriteString("\r\n")
	b.Write(bytes.Repeat([]byte("a"), int(w.RequestBytes)))
	return b.Bytes()
}

func (h *http1) send(ctx context.Context) *failure {
	begun := time.Now()
	idle := h.conn != nil && begun.Sub(h.used) >= keptIdle
	err := h.try(ctx, begun)
	// A server may end a connection that was idle just when a request is under
	// way to it; whoever talks HTTP sends it again.
	if errors.Is(err, errDropped) && idle {
		err = h.try(ctx, begun)
	}
	h.used = time.Now()
	if err != nil {
		h.close()
		return classify(err)
	}
	failed := h.in.fault(h.work.ResponseBytes)
	if n := h.work.RequestsPerConnection; h.in.last || n > 0 && h.onConn >= n {
		h.close()
	}
	return failed
}

// errDropped says that a connection in use ended before a byte of the answer.
var errDropped = fmt.Errorf("the connection ended before the answer: %w", io.EOF)

// try sends the request and reads its answer, on a new connection if there is
// none that lives.
func (h *http1) try(ctx context.Context, begun time.Time) error {
	deadline := begun.Add(h.work.timeout)
	if h.conn != nil {
		if err := h.conn.SetDeadline(deadline); err != nil {
			return err
		}
		alive, err := h.over.do(h.conn)
		if alive {
			return h.outcome(err, true)
		}
		h.close() // it ended while nothing was under way
	}
	if err := h.dial(ctx, deadline); err != nil {
		return err
	}
	alive, err := h.over.do(h.conn)
	if !alive && err == nil {
		err = io.EOF
	}
	return h.outcome(err, false)
}

func (h *http1) outcome(err error, reused bool) error {
	h.onConn++
	ended := errors.Is(err, io.EOF) || errors.Is(err, errReset)
	switch {
	case reused && ended && h.in.status == 0 && h.in.have == 0:
		h.close()
		return errDropped
	case errors.Is(err, io.EOF):
		return io.ErrUnexpectedEOF
	}
	return err
}

func (h *http1) dial(ctx context.Context, deadline time.Time) error {
	h.opened.Add(1)
	conn, err := (&net.Dialer{Deadline: deadline}).DialContext(ctx, "tcp", h.work.peer)
	if err != nil {
		return err
	}
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		_ = conn.Close()
		return fmt.Errorf("dialled a %T", conn)
	}
	h.conn, h.onConn = tcp, 0
	if h.over, err = newExchange(tcp, &h.in, h.request); err != nil {
		return err
	}
	return tcp.SetDeadline(deadline)
}

// sockets counts the connections that were tried to open.
func (h *http1) sockets() int64 { return h.opened.Load() }

func (h *http1) close() {
	if h.conn != nil {
		_ = h.conn.Close()
		h.conn = nil
	}
}

// fault is what is wrong with an answer that was read; nil if nothing is.
func (r *answerReader) fault(want int64) *failure {
	switch {
	case r.status < 200 || r.status > 299:
		return statusFailure(r.status, r.words())
	case r.size != want:
		return &failure{class: v1alpha1.ErrorBodySize, detail: fmt.Sprintf("%d bytes", r.size), answer: r.words()}
	}
	return nil
}
