package network

import (
	"context"
	"fmt"
	"net"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// DialFrom connects from inside a network namespace, which is named by its
// file. A socket stays in the namespace that it was made in.
func DialFrom(ctx context.Context, namespace, protocol, address string) (net.Conn, error) {
	type dialled struct {
		connection net.Conn
		err        error
	}
	result := make(chan dialled, 1)
	go func() {
		// Never unlocked: the thread ends with the goroutine, and with it its
		// place in the other namespace.
		runtime.LockOSThread()
		file, err := os.Open(namespace)
		if err == nil {
			err = unix.Setns(int(file.Fd()), unix.CLONE_NEWNET)
			_ = file.Close()
		}
		if err != nil {
			result <- dialled{err: fmt.Errorf("enter network namespace: %w", err)}
			return
		}
		connection, err := (&net.Dialer{}).DialContext(ctx, protocol, address)
		result <- dialled{connection, err}
	}()
	r := <-result
	return r.connection, r.err
}
