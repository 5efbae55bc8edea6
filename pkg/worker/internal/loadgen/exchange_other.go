//go:build !unix

package loadgen

import (
	"net"
	"syscall"
)

// errReset is how the system says that the peer dropped the connection.
const errReset = syscall.ECONNRESET

// exchange is one request on a connection. Here, one that ended while it was
// idle is found by the request that is lost on it.
type exchange struct {
	in      *answerReader
	request []byte
}

func newExchange(_ *net.TCPConn, in *answerReader, request []byte) (*exchange, error) {
	return &exchange{in, request}, nil
}

func (e *exchange) do(conn *net.TCPConn) (alive bool, err error) {
	e.in.reset()
	if _, err := conn.Write(e.request); err != nil {
		return true, err
	}
	return true, e.in.read(conn)
}
