package target

import (
	"context"
	"encoding/json"
	"net"
	"strconv"
	"time"

	"fortio.org/fortio/fgrpc"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

const (
	grpcOverheadBytes = 1 << 10
	// maxStreams bounds the requests under way on one connection of HTTP/2. A load
	// worker has one; a proxy that gathers connections may have those of all that a
	// load worker may be told to open, and must not be made to wait.
	maxStreams = 10_000
	// maxHeaderBytes bounds a request's headers, those of proxies included.
	maxHeaderBytes = 64 << 10
)

// readBufferBytes of each connection hold a small call; of a large one, most is read
// past it. With gRPC's own 32 KiB, and as much to write that no two connections
// shared, 1,000 connections kept 70 MB in use, and garbage as much again.
const readBufferBytes = 4 << 10

// ping is fortio's echo service with the probe and a size of its own.
type ping struct {
	count  *counters
	look   *prober
	budget *budget
	// mark is the number of the run's own requests.
	mark   int64
	most   limits
	delay  time.Duration
	onward *onward
}

// Ping implements fgrpc.PingServerServer.
func (p *ping) Ping(ctx context.Context, in *fgrpc.PingMessage) (*fgrpc.PingMessage, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	own := in.GetSeq() == p.mark
	out := &fgrpc.PingMessage{Seq: in.GetSeq(), Ts: time.Now().UnixNano(), Payload: in.GetPayload(),
		DelayNanos: in.GetDelayNanos()}
	if challenge := md.Get(wire.MetadataProbe); len(challenge) > 0 {
		own := p.look.asked(challenge[0])
		if !p.budget.take(requestBytes, own) {
			return nil, status.Error(codes.ResourceExhausted, tooMuch)
		}
		defer p.budget.give(requestBytes, own)
		remote := ""
		if from, ok := peer.FromContext(ctx); ok {
			remote = from.Addr.String()
		}
		chain := append(md.Get(wire.MetadataChain), "")[0]
		next, err := p.onward.ask(ctx, v1alpha1.ProtocolGRPC, challenge[0], chain, own)
		if err != nil {
			return nil, status.Error(codes.Unavailable, err.Error())
		}
		seen := p.look.probe(ctx, challenge[0], remote, wire.ProtocolSeenGRPC, md)
		seen.Next = next
		data, err := json.Marshal(seen)
		if err != nil {
			return nil, status.Error(codes.Internal, err.Error())
		}
		out.Payload = string(data)
		return out, nil
	}
	size := noSize
	if s := md.Get(wire.MetadataSize); len(s) > 0 {
		n, err := strconv.Atoi(s[0])
		if err != nil || n < 0 || n > p.most.body {
			p.count.refuse(own)
			return nil, status.Errorf(codes.InvalidArgument, "size %q, want 0 to %d", s[0], p.most.body)
		}
		size = n
	}
	delay := time.Duration(in.GetDelayNanos())
	if delay > p.most.delay {
		p.count.refuse(own)
		return nil, status.Errorf(codes.InvalidArgument, "delay %s, want 0s to %s", delay, p.most.delay)
	}
	faults, chain, err := p.onward.asked(md, own)
	if err != nil {
		p.count.refuse(own)
		return nil, err
	}
	takes := int64(requestBytes+len(in.GetPayload())+max(size, 0)) + callsBytes(chain)
	if !p.budget.take(takes, own) {
		p.count.refuse(own)
		return nil, status.Error(codes.ResourceExhausted, tooMuch)
	}
	defer p.budget.give(takes, own)
	fails, slow := p.count.draw(faults, own)
	pause(ctx.Done(), delayOf(delay, slow)+p.delay)
	if fails {
		p.count.fail()
		return nil, status.Error(codes.Unavailable, wire.FaultText)
	}
	if chain.GoesOn() {
		if err := p.onward.ping(ctx, md, in, chain); err != nil {
			p.count.refuse(own)
			return nil, err
		}
	}
	if size != noSize { // not before the pause: many may wait at the same time
		out.Payload = string(make([]byte, size))
	}
	p.count.answered(own)
	return out, nil
}

// counted is the health service with its requests counted.
type counted struct {
	*health.Server
	count  *counters
	budget *budget
	// mark is the service that the run's own requests ask for.
	mark   string
	delay  time.Duration
	onward *onward
}

// Check implements healthpb.HealthServer.
func (c counted) Check(ctx context.Context, in *healthpb.HealthCheckRequest) (*healthpb.HealthCheckResponse, error) {
	own := in.GetService() == c.mark
	md, _ := metadata.FromIncomingContext(ctx)
	faults, chain, err := c.onward.asked(md, own)
	if err != nil {
		c.count.refuse(own)
		return nil, err
	}
	takes := requestBytes + callsBytes(chain)
	if !c.budget.take(takes, own) {
		c.count.refuse(own)
		return nil, status.Error(codes.ResourceExhausted, tooMuch)
	}
	defer c.budget.give(takes, own)
	fails, _ := c.count.draw(faults, own)
	pause(ctx.Done(), c.delay)
	if fails {
		c.count.fail()
		return nil, status.Error(codes.Unavailable, wire.FaultText)
	}
	if chain.GoesOn() {
		if err := c.onward.check(ctx, md, in, chain); err != nil {
			c.count.refuse(own)
			return nil, err
		}
	}
	c.count.answered(own)
	if own {
		in = &healthpb.HealthCheckRequest{} // the server as a whole
	}
	return c.Server.Check(ctx, in)
}

func newGRPC(count *counters, look *prober, most limits, memory *budget, delay time.Duration,
	next *onward) *grpc.Server {
	mark, number := look.key.Mark(), look.key.MarkNumber()
	s := grpc.NewServer(
		grpc.MaxRecvMsgSize(most.body+grpcOverheadBytes),
		grpc.MaxSendMsgSize(max(most.body, wire.MaxFrameBytes)+grpcOverheadBytes),
		grpc.MaxConcurrentStreams(maxStreams), grpc.MaxHeaderListSize(maxHeaderBytes),
		grpc.ReadBufferSize(readBufferBytes),
	)
	h := health.NewServer()
	h.SetServingStatus("", healthpb.HealthCheckResponse_SERVING)
	h.SetServingStatus(fgrpc.DefaultHealthServiceName, healthpb.HealthCheckResponse_SERVING)
	healthpb.RegisterHealthServer(s, counted{h, count, memory, mark, delay, next})
	fgrpc.RegisterPingServerServer(s, &ping{count, look, memory, number, most, delay, next})
	return s
}

func serveGRPC(s *grpc.Server, l net.Listener) error { return s.Serve(l) }
