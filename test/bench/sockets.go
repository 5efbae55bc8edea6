package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// socketsName is the name of the client that the others are held against.
const socketsName = "plain sockets"

// sockets is `bench sockets`: a client of a page, which has nothing in common with
// the worker's. Its connections are open before the first request is due, a request
// is one write, and every response time from when its request was due is kept. What
// it sees holds what a stall alone leaves out: the target answers those who waited
// one after the other.
func sockets(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("sockets", flag.ContinueOnError)
	address := flags.String("address", "", "host:port of the target")
	open := flags.Int("connections", 1, "connections")
	rate := flags.Float64("rate", 1, "requests per second of all connections together")
	window := flags.Duration("window", 10*time.Second, "how long")
	if err := flags.Parse(args); err != nil {
		return err
	}
	request := []byte("GET /?size=0 HTTP/1.1\r\nHost: " + *address + "\r\n\r\n")
	conns := make([]net.Conn, *open)
	for i := range conns {
		c, err := (&net.Dialer{}).DialContext(ctx, "tcp", *address)
		if err != nil {
			return err
		}
		defer func() { _ = c.Close() }()
		conns[i] = c
	}
	all := make([]time.Duration, int(*rate*window.Seconds()))
	failed := make(chan error, len(conns))
	var next atomic.Int64
	var group sync.WaitGroup
	start := time.Now().Add(100 * time.Millisecond)
	for _, c := range conns {
		group.Go(func() {
			in := bufio.NewReader(c)
			for i := next.Add(1) - 1; int(i) < len(all); i = next.Add(1) - 1 {
				due := start.Add(time.Duration(float64(i) / *rate * float64(time.Second)))
				time.Sleep(time.Until(due))
				if err := exchange(c, in, request); err != nil {
					failed <- err
					return
				}
				all[i] = time.Since(due)
			}
		})
	}
	group.Wait()
	close(failed)
	if err := <-failed; err != nil {
		return err
	}
	slices.Sort(all)
	out := map[string]float64{}
	for _, q := range peerQuantiles() {
		rank := int(math.Ceil(q * float64(len(all))))
		out[fmt.Sprint(q)] = all[max(rank, 1)-1].Seconds()
	}
	return json.NewEncoder(os.Stdout).Encode(out)
}

func exchange(c net.Conn, in *bufio.Reader, request []byte) error {
	if _, err := c.Write(request); err != nil {
		return err
	}
	r, err := http.ReadResponse(in, nil)
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return err
	}
	if r.StatusCode != http.StatusOK {
		return fmt.Errorf("the target answers %s", r.Status)
	}
	return r.Body.Close()
}

// socketsPeer is this program as that client.
func (p peers) socketsPeer() peer {
	return peer{name: socketsName, program: p.self, steady: func(address string) []string {
		return []string{"sockets", "-address", address, "-connections", fmt.Sprint(peerConnections),
			"-rate", fmt.Sprint(peerRate), "-window", p.window.String()}
	}, read: readSockets}
}

func readSockets(out []byte) (outcome, error) {
	var quantiles map[string]float64
	if err := json.Unmarshal(out, &quantiles); err != nil {
		return outcome{}, err
	}
	o := outcome{seconds: map[float64]float64{}}
	for _, q := range peerQuantiles() {
		o.seconds[q] = quantiles[fmt.Sprint(q)]
	}
	return o, nil
}
