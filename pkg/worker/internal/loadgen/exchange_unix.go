//go:build unix

package loadgen

import (
	"errors"
	"io"
	"net"
	"syscall"
)

// errReset is how the system says that the peer dropped the connection.
const errReset = syscall.ECONNRESET

// exchange is one request on a connection. It looks first whether the connection
// still lives: a read before the request is written takes the place of the one
// in vain that would come after it, so the look costs no system call.
type exchange struct {
	raw syscall.RawConn
	in  *answerReader
	// step is ready as a value: made anew, it would cost each request an allocation.
	step    func(fd uintptr) bool
	request []byte
	written int
	asked   bool
	failed  error
}

func newExchange(conn *net.TCPConn, in *answerReader, request []byte) (*exchange, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	e := &exchange{raw: raw, in: in, request: request}
	e.step = e.ready
	return e, nil
}

// do writes the request and reads the answer. alive is false if the connection
// had ended before anything was written.
func (e *exchange) do(conn *net.TCPConn) (alive bool, err error) {
	e.in.reset()
	e.written, e.asked, e.failed = 0, false, nil
	if err := e.raw.Read(e.step); err != nil {
		return true, err
	}
	switch {
	case !e.asked:
		return false, nil
	case e.failed != nil && !errors.Is(e.failed, syscall.EAGAIN):
		return e.written > 0, e.failed
	}
	if e.written < len(e.request) {
		if _, err := conn.Write(e.request[e.written:]); err != nil {
			return true, err
		}
	}
	return true, e.in.read(conn)
}

// ready is called when there may be something to read, and once before; true
// ends the wait for more.
func (e *exchange) ready(fd uintptr) bool {
	n, err := ignoringEINTR(syscall.Read, int(fd), e.in.free())
	if !e.asked {
		if !errors.Is(err, syscall.EAGAIN) {
			return true // it has ended, or it says what nobody asked for
		}
		e.asked = true
		n, e.failed = ignoringEINTR(syscall.Write, int(fd), e.request)
		e.written = max(n, 0)
		// What does not fit into the socket's buffer is written later.
		return e.failed != nil || e.written < len(e.request)
	}
	switch {
	case errors.Is(err, syscall.EAGAIN):
		return false
	case err != nil:
		e.failed = err
	case n == 0:
		e.failed = io.EOF
	default:
		e.in.have += n
	}
	return true
}

func ignoringEINTR(call func(int, []byte) (int, error), fd int, data []byte) (int, error) {
	for {
		n, err := call(fd, data)
		if !errors.Is(err, syscall.EINTR) {
			return n, err
		}
	}
}
