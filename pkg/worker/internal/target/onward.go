package target

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// Next is the target that this one calls. It is told when the pod is made, and never
// taken from a request: a target must not be sent to where its asker cannot get to.
type Next struct {
	// Addresses are host:port by protocol.
	Addresses map[v1alpha1.Protocol]string
	// Most is what requests may ask for.
	Most wire.Chain
	// Connections is how many are kept open and idle: as many as calls that are under
	// way at once. Fewer would be opened and closed all the time, and the mesh be
	// charged for it.
	Connections int
}

// onward calls the next target as the request at hand was called. All of its methods
// are for a nil one too, which is the end of the chain.
type onward struct {
	Next
	mark                 string
	clients              map[v1alpha1.Protocol]*http.Client
	calls                *grpc.ClientConn
	sent, failed, opened atomic.Int64
}

func newOnward(next *Next, key wire.Key) (*onward, error) {
	if next == nil {
		return nil, nil
	}
	n := &onward{Next: *next, mark: key.Mark()}
	dial := func(ctx context.Context, _, address string) (net.Conn, error) {
		n.opened.Add(1)
		return (&net.Dialer{Timeout: time.Minute}).DialContext(ctx, "tcp", address)
	}
	client := func(set func(*http.Protocols)) *http.Client {
		protocols := new(http.Protocols)
		set(protocols)
		return &http.Client{
			Transport: &http.Transport{Protocols: protocols, DialContext: dial, DisableCompression: true,
				MaxConnsPerHost: next.Connections, MaxIdleConnsPerHost: next.Connections},
			Timeout:       time.Minute, // nobody waits for longer
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	n.clients = map[v1alpha1.Protocol]*http.Client{
		v1alpha1.ProtocolHTTP1: client(func(p *http.Protocols) { p.SetHTTP1(true) }),
		v1alpha1.ProtocolH2C:   client(func(p *http.Protocols) { p.SetUnencryptedHTTP2(true) }),
	}
	if address := next.Addresses[v1alpha1.ProtocolGRPC]; address != "" {
		var err error
		n.calls, err = grpc.NewClient("passthrough:///"+address,
			grpc.WithTransportCredentials(insecure.NewCredentials()),
			grpc.WithContextDialer(func(ctx context.Context, address string) (net.Conn, error) {
				return dial(ctx, "tcp", address)
			}),
			grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(wire.MaxBodyBytes+grpcOverheadBytes)))
		if err != nil {
			return nil, fmt.Errorf("target: next hop: %w", err)
		}
	}
	return n, nil
}

// callsBytes is what the calls of a request take of the budget.
func callsBytes(c *wire.Chain) int64 {
	if !c.GoesOn() {
		return 0
	}
	return int64(c.FanOut) * requestBytes
}

// allows says why a request may not go on as it asks; nil if it may.
func (n *onward) allows(c *wire.Chain, own bool) error {
	switch {
	case !c.GoesOn():
		return nil
	case !own:
		return errors.New("only requests of the run go on from here")
	case n == nil:
		return errors.New("there is no next hop")
	case c.Hops > n.Most.Hops || c.FanOut > n.Most.FanOut:
		return fmt.Errorf("chain %s, want at most %s", c, n.Most)
	}
	return nil
}

// each makes the calls that a chain asks for, all at once, and waits for all of them.
// The error is that of the first call in order that failed.
func (n *onward) each(c *wire.Chain, call func(next wire.Chain) error) error {
	errs := make([]error, c.FanOut)
	one := func(i int) {
		n.sent.Add(1)
		if errs[i] = call(c.Next()); errs[i] != nil {
			n.failed.Add(1)
		}
	}
	var calls sync.WaitGroup
	for i := 1; i < c.FanOut; i++ {
		calls.Go(func() { one(i) })
	}
	one(0)
	calls.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// web calls the next target as the request with that header asks for, with a body of
// that length. It ends with ctx, when the client goes away.
func (n *onward) web(ctx context.Context, header http.Header, p v1alpha1.Protocol, a ask, length int64) error {
	return n.each(a.chain, func(next wire.Chain) error {
		url := fmt.Sprintf("http://%s/%s?%s=%d&%s=%s", n.Addresses[p], n.mark, wire.QuerySize, max(a.size, 0),
			wire.QueryChain, next)
		if a.delay > 0 {
			url += "&" + wire.QueryDelay + "=" + a.delay.String()
		}
		method, body := http.MethodGet, io.Reader(http.NoBody)
		if length > 0 {
			method, body = http.MethodPost, bytes.NewReader(make([]byte, length))
		}
		request, err := http.NewRequestWithContext(ctx, method, url, body)
		if err != nil {
			return err
		}
		for _, name := range handedOn() {
			if values := header.Values(name); len(values) > 0 {
				request.Header[http.CanonicalHeaderKey(name)] = values
			}
		}
		response, err := n.clients[p].Do(request)
		if err != nil {
			return fmt.Errorf("next hop: %w", errors.Unwrap(err)) // without the address
		}
		defer func() { _ = response.Body.Close() }()
		if response.StatusCode != http.StatusOK {
			said, _ := io.ReadAll(io.LimitReader(response.Body, maxSaid))
			return fmt.Errorf("next hop: status %d: %s", response.StatusCode, bytes.TrimSpace(said))
		}
		got, err := io.Copy(io.Discard, response.Body)
		if err == nil && got != int64(max(a.size, 0)) {
			err = fmt.Errorf("%d bytes, want %d", got, max(a.size, 0))
		}
		if err != nil {
			return fmt.Errorf("next hop: %w", err)
		}
		return nil
	})
}

// maxSaid bounds what is passed back of a next target's error.
const maxSaid = 512

// handedOn are the headers of traces. Meshes ask of applications that they hand them
// on: https://istio.io/latest/docs/tasks/observability/distributed-tracing/overview/.
func handedOn() []string {
	return []string{"x-request-id", "traceparent", "tracestate", "b3", "x-b3-traceid", "x-b3-spanid", "x-b3-parentspanid",
		"x-b3-sampled", "x-b3-flags", "x-ot-span-context", "grpc-trace-bin"}
}

// outgoing is the metadata of a call to the next target.
func outgoing(ctx context.Context, md metadata.MD, next wire.Chain) context.Context {
	out := metadata.Pairs(wire.MetadataChain, next.String())
	for _, name := range append(handedOn(), wire.MetadataSize) {
		if values := md.Get(name); len(values) > 0 {
			out.Set(name, values...)
		}
	}
	return metadata.NewOutgoingContext(ctx, out)
}

// asked is what a call's metadata asks for beside its message.
func (n *onward) asked(md metadata.MD, own bool) (*wire.Faults, *wire.Chain, error) {
	faults, err := faultsIn(md)
	if err != nil {
		return nil, nil, err
	}
	text := md.Get(wire.MetadataChain)
	if len(text) == 0 {
		return faults, nil, nil
	}
	chain, err := wire.ParseChain(text[0])
	if err == nil {
		err = n.allows(&chain, own)
	}
	if err != nil {
		return nil, nil, invalid(err)
	}
	return faults, &chain, nil
}

func (n *onward) counted() *wire.Onward {
	if n == nil {
		return nil
	}
	return &wire.Onward{Sent: n.sent.Load(), Failed: n.failed.Load(), Opened: n.opened.Load()}
}

func (n *onward) close() {
	if n == nil {
		return
	}
	for _, c := range n.clients {
		c.CloseIdleConnections()
	}
	if n.calls != nil {
		_ = n.calls.Close()
	}
}
