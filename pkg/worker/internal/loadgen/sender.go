package loadgen

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// sender is one connection. It is used by one goroutine at a time.
type sender interface {
	// send sends one request and waits for its answer; nil means that it was
	// answered as asked.
	send(ctx context.Context) *failure
	// sockets counts the connections opened so far.
	sockets() int64
	close()
}

// failure says why a request was not answered as asked.
type failure struct {
	class  v1alpha1.ErrorClass
	detail string
	// answer is what came back instead; nil if nothing did.
	answer *v1alpha1.FailedAnswer
}

// kind is what failures are counted by.
type kind struct {
	class  v1alpha1.ErrorClass
	detail string
}

// statusFailure is an answer of HTTP with another status than asked for. Only the
// target's own words make it one that was asked for: a mesh fails requests too.
func statusFailure(status int, answer *v1alpha1.FailedAnswer) *failure {
	f := &failure{class: v1alpha1.ErrorStatus, detail: strconv.Itoa(status), answer: answer}
	if status == http.StatusServiceUnavailable && answer != nil && strings.HasPrefix(answer.Body, wire.FaultText) {
		f.class = v1alpha1.ErrorFault
	}
	return f
}

// asked reports whether the target failed the request as it was asked to: nothing
// is wrong with the connection, or anything else.
func (f *failure) asked() bool { return f != nil && f.class == v1alpha1.ErrorFault }

func (f *failure) kind() kind { return kind{f.class, f.detail} }

// workload is what every request of a trial asks for, and where.
type workload struct {
	// target is the address as it is named, host:port, and peer that to connect to.
	target, peer string
	timeout      time.Duration
	// key is what the target proves itself with, and requests are marked by.
	key wire.Key
	v1alpha1.Request
	// call is what is asked of a Service of the user's; nil for a target.
	call     *call
	protocol v1alpha1.Protocol
	// faults are those that the target is to draw; nil for none.
	faults *wire.Faults
	// chain is how the target is to go on; nil for not at all.
	chain *wire.Chain
}

// workloadOf is what a specification asks of requests to a peer, an address and
// port; if it is empty, each connection resolves the target's name.
func workloadOf(s wire.LoadSpec, peer string) workload {
	return workload{target: s.Target, peer: cmp.Or(peer, s.Target), timeout: s.RequestTimeout.Duration, key: s.TargetKey,
		Request: s.Request, protocol: s.Protocol, faults: wire.FaultsOf(s.Request, s.DrawSeed),
		chain: wire.ChainOf(s.Request)}
}

// connect dials the peer, whatever the address that a client hands over.
func (w workload) connect(ctx context.Context) (net.Conn, error) {
	return (&net.Dialer{Timeout: w.timeout}).DialContext(ctx, "tcp", w.peer)
}

// path asks the target's echo for the answer that is wanted.
func (w workload) path() string {
	p := fmt.Sprintf("/%s?%s=%d", w.key.Mark(), wire.QuerySize, w.ResponseBytes)
	if w.ServerDelay.Duration > 0 {
		p += "&" + wire.QueryDelay + "=" + w.ServerDelay.Duration.String()
	}
	if w.faults != nil {
		p += "&" + wire.QueryFaults + "=" + w.faults.String()
	}
	if w.chain != nil {
		p += "&" + wire.QueryChain + "=" + w.chain.String()
	}
	return p
}

func (w workload) url() string { return "http://" + w.target + w.path() }

// client is how a protocol is spoken.
type client struct {
	// open returns connections, not yet opened.
	open func(w workload, connections int) ([]sender, error)
	// ask asks the target what it sees of us.
	ask func(context.Context, workload) (wire.Probe, error)
}

func clients() map[v1alpha1.Protocol]client {
	return map[v1alpha1.Protocol]client{
		v1alpha1.ProtocolHTTP1: {openHTTP1, askHTTP1},
		v1alpha1.ProtocolH2C:   {openH2C, askH2C},
		v1alpha1.ProtocolGRPC:  {openGRPC, askGRPC},
	}
}

func clientOf(s wire.LoadSpec) (client, error) {
	c, ok := clients()[s.Protocol]
	if !ok {
		return client{}, fmt.Errorf("protocol %q has no client", s.Protocol)
	}
	return c, nil
}

// dial returns the connections of a trial, not yet opened.
func dial(s wire.LoadSpec, peer string, called *call) ([]sender, error) {
	c, err := clientOf(s)
	if err != nil {
		return nil, err
	}
	w := workloadOf(s, peer)
	if w.call = called; called != nil && s.Protocol != v1alpha1.ProtocolGRPC {
		return openService(w, s.Connections)
	}
	return c.open(w, s.Connections)
}
