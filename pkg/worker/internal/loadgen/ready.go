package loadgen

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"fortio.org/fortio/fgrpc"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

const (
	probePause   = 50 * time.Millisecond
	probeTimeout = 2 * time.Second
)

// awaitTarget asks the target what it sees of us until it answers: a proxy
// beside us, or the name of the Service, may come up later than we do. What
// fails meanwhile is no data. The name is resolved here and nowhere else: each
// try takes the next of its addresses, and all load goes to the one that answered.
func awaitTarget(ctx context.Context, s wire.LoadSpec, called *call) (wire.Probe, netip.AddrPort, error) {
	waiting, stop := context.WithTimeout(ctx, max(s.ReadyTimeout.Duration, probeTimeout))
	defer stop()
	pause := probePause
	if called != nil {
		pause = servicePause
	}
	var last error
	for try := 0; ; try++ {
		peer, err := resolve(waiting, s.Target, try)
		if err == nil {
			var probe wire.Probe
			if probe, err = ask(waiting, s, called, peer); err == nil {
				return probe, peer, nil
			}
		}
		if waiting.Err() == nil {
			last = err
		}
		select {
		case <-waiting.Done():
			if ctx.Err() != nil { // somebody stops us: the target is not to blame
				return wire.Probe{}, peer, fmt.Errorf("target %s had not answered yet: %w", s.Target, context.Cause(ctx))
			}
			return wire.Probe{}, peer,
				fmt.Errorf("target %s did not answer within %s: %w", s.Target, s.ReadyTimeout.Duration,
					cmp.Or(last, context.Cause(waiting)))
		case <-time.After(pause):
		}
	}
}

// resolve is the address of a host and port, of either family. Where a name has
// several, tries take turns.
func resolve(ctx context.Context, target string, try int) (netip.AddrPort, error) {
	host, service, err := net.SplitHostPort(target)
	if err != nil {
		return netip.AddrPort{}, err
	}
	port, err := strconv.ParseUint(service, 10, 16)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("port of target %s: %w", target, err)
	}
	addresses, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return netip.AddrPort{}, err
	}
	if len(addresses) == 0 {
		return netip.AddrPort{}, fmt.Errorf("%s has no address", host)
	}
	return netip.AddrPortFrom(addresses[try%len(addresses)].Unmap(), uint16(port)), nil
}

// peerOf is an address as it is reported.
func peerOf(a netip.AddrPort) v1alpha1.Peer {
	family := v1alpha1.FamilyIPv4
	if a.Addr().Is6() {
		family = v1alpha1.FamilyIPv6
	}
	return v1alpha1.Peer{Address: a.Addr().String(), Family: family}
}

func ask(ctx context.Context, s wire.LoadSpec, called *call, peer netip.AddrPort) (wire.Probe, error) {
	if called != nil {
		w := workloadOf(s, peer.String())
		w.call = called
		return askService(ctx, w)
	}
	c, err := clientOf(s)
	if err != nil {
		return wire.Probe{}, err
	}
	ctx, stop := context.WithTimeout(ctx, probeTimeout)
	defer stop()
	return c.ask(ctx, workloadOf(s, peer.String()))
}

func askHTTP1(ctx context.Context, w workload) (wire.Probe, error) {
	transport := &http.Transport{DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return w.connect(ctx) }}
	return askHTTP(ctx, &http.Client{Transport: transport, CheckRedirect: stay}, w)
}

// stay follows no redirection: whatever one leads to is not the target, and may
// be what only this pod can reach.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func askH2C(ctx context.Context, w workload) (wire.Probe, error) {
	h := newH2C(w)
	defer h.close()
	return askHTTP(ctx, h.client, w)
}

func askHTTP(ctx context.Context, client *http.Client, w workload) (wire.Probe, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+w.target+wire.PathProbe, nil)
	if err != nil {
		return wire.Probe{}, err
	}
	challenge := w.key.Challenge(rand.Text())
	request.Header.Set(wire.MetadataProbe, challenge)
	if w.chain != nil {
		request.Header.Set(wire.MetadataChain, w.chain.String())
	}
	response, err := client.Do(request)
	if err != nil {
		return wire.Probe{}, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return wire.Probe{}, fmt.Errorf("the probe got %s", response.Status)
	}
	var p wire.Probe
	if err := json.NewDecoder(io.LimitReader(response.Body, wire.MaxFrameBytes)).Decode(&p); err != nil {
		return wire.Probe{}, fmt.Errorf("the probe got no answer of ours: %w", err)
	}
	w.identify(&p, challenge)
	p.Answered(response.Header)
	return p, nil
}

// identify says of an answer whether the run's own targets gave it, each hop of it.
func (w workload) identify(p *wire.Probe, challenge string) {
	p.Impostor = ""
	hops := 1
	for next := p.Next; next != nil; next = next.Next {
		alone := *next
		w.prove(&alone, challenge)
		if hops++; alone.Impostor != "" {
			p.Impostor = fmt.Sprintf("hop %d: %s", hops, alone.Impostor)
		}
		next.Impostor, next.Proof, next.Served, next.Counters = "", "", nil, nil
	}
	switch last := p.Impostor; {
	case w.chain != nil && !w.key.IsZero() && hops != w.chain.Hops:
		p.Impostor = fmt.Sprintf("%d hops answered a probe through %d", hops, w.chain.Hops)
	case last == "":
		w.prove(p, challenge)
	}
	if p.Impostor != "" {
		p.Served = nil
	}
	p.Proof = ""
}

// prove says of one hop's answer whether the run's own target gave it.
func (w workload) prove(p *wire.Probe, challenge string) {
	if w.key.IsZero() {
		return
	}
	if want := w.key.Proof(challenge, *p); want == "" || !hmac.Equal([]byte(want), []byte(p.Proof)) {
		p.Impostor = fmt.Sprintf("pod %s (uid %s) answered at %s and could not prove to be the run's target",
			cmp.Or(clean(p.Pod), "of no name"), cmp.Or(clean(p.UID), "none"), w.peer)
		p.Served = nil
	}
	p.Proof = ""
}

func askGRPC(ctx context.Context, w workload) (wire.Probe, error) {
	g := &grpcCall{work: w}
	if err := g.connect(); err != nil {
		return wire.Probe{}, err
	}
	defer g.close()
	var header metadata.MD
	challenge := w.key.Challenge(rand.Text())
	asks := metadata.Pairs(wire.MetadataProbe, challenge)
	if w.chain != nil {
		asks.Set(wire.MetadataChain, w.chain.String())
	}
	answer, err := fgrpc.NewPingServerClient(g.connection).Ping(metadata.NewOutgoingContext(ctx, asks),
		&fgrpc.PingMessage{}, grpc.Header(&header))
	if err != nil {
		return wire.Probe{}, err
	}
	var p wire.Probe
	if err := json.Unmarshal([]byte(answer.GetPayload()), &p); err != nil {
		return wire.Probe{}, errors.Join(errors.New("the probe got no answer of ours"), err)
	}
	w.identify(&p, challenge)
	p.Answered(header)
	return p, nil
}
