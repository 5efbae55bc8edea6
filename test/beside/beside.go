// Package beside is a client of the tests' own, with nothing of the product's in it: it
// sees with its own eyes what a report says of a window.
package beside

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"
)

// Sent is one request.
type Sent struct {
	// Due is when it was to be sent, Began when it was, and Ended when it was answered or
	// had failed.
	Due, Began, Ended time.Time
	// Waited is set if the connection was free before the request was due.
	Waited  bool
	Failure string
}

// Seen is all that a client sent.
type Seen struct{ Requests []Sent }

// Run sends HTTP requests to an address on a schedule of so many a second, over so many
// connections, until ctx ends.
func Run(ctx context.Context, address string, rate, connections int) Seen {
	var all sync.WaitGroup
	var mu sync.Mutex
	var seen Seen
	open := make([]*connection, connections)
	for c := range open {
		all.Go(func() { open[c] = ready(ctx, address) })
	}
	all.Wait()
	begun := time.Now()
	for c, own := range open {
		all.Go(func() {
			defer own.close()
			for k := c; ; k += connections {
				due := begun.Add(time.Duration(k) * time.Second / time.Duration(rate))
				waited := time.Now().Before(due)
				select {
				case <-ctx.Done():
					return
				case <-time.After(time.Until(due)):
				}
				if ctx.Err() != nil { // both may be so, for a client that is late
					return
				}
				one := Sent{Due: due, Waited: waited, Began: time.Now()}
				if err := own.send(ctx); err != nil {
					one.Failure = err.Error()
				}
				one.Ended = time.Now()
				mu.Lock()
				seen.Requests = append(seen.Requests, one)
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return seen
}

const (
	timeout = 10 * time.Second
	// tryFor is how long one try to be answered for the first time takes. What is sent to
	// a Service that no node knows yet is lost, and so is what is sent again of it.
	tryFor = 250 * time.Millisecond
)

// ready is a connection on which a request was answered. It tries until ctx ends.
func ready(ctx context.Context, address string) *connection {
	c := &connection{address: address, timeout: tryFor}
	for ctx.Err() == nil && c.send(ctx) != nil {
		select {
		case <-ctx.Done():
		case <-time.After(tryFor):
		}
	}
	c.timeout = timeout
	return c
}

type connection struct {
	address string
	timeout time.Duration
	conn    net.Conn
	in      *bufio.Reader
}

func (c *connection) close() {
	if c.conn != nil {
		_ = c.conn.Close()
		c.conn = nil
	}
}

// send opens a connection where there is none, or where the peer has ended it.
func (c *connection) send(ctx context.Context) error {
	if c.conn != nil && c.ended() {
		c.close()
	}
	if c.conn == nil {
		conn, err := (&net.Dialer{Timeout: c.timeout}).DialContext(ctx, "tcp", c.address)
		if err != nil {
			return err
		}
		c.conn, c.in = conn, bufio.NewReader(conn)
	}
	err := c.exchange()
	if err != nil {
		c.close()
	}
	return err
}

// ended looks for the end of an idle connection.
func (c *connection) ended() bool {
	if err := c.conn.SetReadDeadline(time.Now().Add(50 * time.Microsecond)); err != nil {
		return true
	}
	_, err := c.in.Peek(1)
	return !errors.Is(err, os.ErrDeadlineExceeded)
}

func (c *connection) exchange() error {
	if err := c.conn.SetDeadline(time.Now().Add(c.timeout)); err != nil {
		return err
	}
	if _, err := io.WriteString(c.conn, "GET / HTTP/1.1\r\nHost: beside\r\n\r\n"); err != nil {
		return err
	}
	answer, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
	if err == nil && answer.StatusCode != http.StatusOK {
		return errors.New("beside: " + answer.Status)
	}
	if answer.Close {
		c.close()
	}
	return err
}

// Window is what was seen in one.
type Window struct {
	// All and Failed count the requests that were due in it.
	All, Failed int
	// LongestGap is the longest time without an answer, and LastFailure when the last
	// request that failed was due, from its start.
	LongestGap, LastFailure time.Duration
	// Late is how late a request was sent at most whose connection was free: this
	// machine's doing.
	Late time.Duration
}

// Within cuts what was seen to a window.
func (s Seen) Within(start, end time.Time) Window {
	var out Window
	answers := []time.Time{start, end}
	for _, r := range s.Requests {
		if r.Failure == "" && r.Ended.After(start) && r.Ended.Before(end) {
			answers = append(answers, r.Ended)
		}
		if r.Due.Before(start) || !r.Due.Before(end) {
			continue
		}
		out.All++
		if r.Waited {
			out.Late = max(out.Late, r.Began.Sub(r.Due))
		}
		if r.Failure != "" {
			out.Failed++
			out.LastFailure = max(out.LastFailure, r.Due.Sub(start))
		}
	}
	slices.SortFunc(answers, time.Time.Compare)
	for i := range len(answers) - 1 {
		out.LongestGap = max(out.LongestGap, answers[i+1].Sub(answers[i]))
	}
	return out
}
