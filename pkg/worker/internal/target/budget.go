package target

import (
	"net"
	"sync"
	"sync/atomic"
)

const (
	// requestBytes and connectionBytes are what a request and a connection take beside
	// bodies: stacks and buffers.
	requestBytes    = 8 << 10
	connectionBytes = 16 << 10
	// A quarter of the budget is for requests that are not the run's own, and two
	// thirds are for connections.
	strangersShare                  = 4
	connectionsShare, connectionsOf = 2, 3
	// tooMuch is what those are told who get nothing of it.
	tooMuch = "too much is under way"
	// defaultBudget holds where no memory limit is known.
	defaultBudget = 1 << 30
)

// budget bounds the memory of all that is under way at a time. The target is open to
// whoever reaches its pod: it refuses rather than being ended for its memory.
type budget struct {
	most                         int64
	used, strangers, connections atomic.Int64
}

// take asks for so many bytes; whoever got them gives them back.
func (b *budget) take(n int64, own bool) bool {
	if !own && b.strangers.Add(n) > b.most/strangersShare {
		b.strangers.Add(-n)
		return false
	}
	if b.used.Add(n)+b.connections.Load() > b.most {
		b.give(n, own)
		return false
	}
	return true
}

func (b *budget) give(n int64, own bool) {
	b.used.Add(-n)
	if !own {
		b.strangers.Add(-n)
	}
}

// bounded is a listener whose connections are within a share of the budget. Those
// beyond it are closed at once: who waits in a queue would be served when it is too
// late.
type bounded struct {
	net.Listener
	budget *budget
}

func (l bounded) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		tcp, ok := c.(*net.TCPConn)
		if !ok {
			return c, nil
		}
		if l.budget.connect() {
			return &budgeted{TCPConn: tcp, budget: l.budget}, nil
		}
		_ = c.Close()
	}
}

// connect asks for a connection: some of the budget stays for requests, whoever
// connects.
func (b *budget) connect() bool {
	if b.connections.Add(connectionBytes) > b.most*connectionsShare/connectionsOf {
		b.connections.Add(-connectionBytes)
		return false
	}
	return true
}

// budgeted gives back what it took, once.
type budgeted struct {
	*net.TCPConn
	budget *budget
	closed sync.Once
}

func (c *budgeted) Close() error {
	c.closed.Do(func() { c.budget.connections.Add(-connectionBytes) })
	return c.TCPConn.Close()
}
