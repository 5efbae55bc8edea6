package loadgen

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"fortio.org/fortio/fgrpc"
	"google.golang.org/grpc"
	pauses "google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

const grpcMaxBytes = wire.MaxBodyBytes + 64<<10

// grpcCall is one gRPC connection with one call in flight at most.
type grpcCall struct {
	work       workload
	connection *grpc.ClientConn
	call       func(context.Context) error
	opened     atomic.Int64
	sent       int
	deadline   watchdog
}

// watchdog ends calls that take too long. One context and one timer serve all
// calls of a connection: a context of its own for each call, with a deadline
// that is sent along, costs a tenth of the throughput.
type watchdog struct {
	ctx   context.Context
	timer *time.Timer
}

// watch returns a context that ends after limit unless released before.
func (w *watchdog) watch(parent context.Context, limit time.Duration) context.Context {
	if w.ctx == nil || w.ctx.Err() != nil {
		ctx, cancel := context.WithCancelCause(parent)
		w.ctx = ctx
		w.timer = time.AfterFunc(limit, func() { cancel(context.DeadlineExceeded) })
		return ctx
	}
	w.timer.Reset(limit)
	return w.ctx
}

// release reports whether the call ended before its limit. A timer that has
// fired may not have ended its context yet: the next call must not get that one.
func (w *watchdog) release() bool {
	intime := w.timer.Stop()
	if !intime {
		w.ctx = nil
	}
	return intime
}

func openGRPC(w workload, connections int) ([]sender, error) {
	var all []sender
	for range connections {
		g := &grpcCall{work: w}
		if err := g.connect(); err != nil {
			return nil, err
		}
		all = append(all, g)
	}
	return all, nil
}

func (g *grpcCall) connect() error {
	connection, err := grpc.NewClient("passthrough:///"+g.work.target,
		grpc.WithTransportCredentials(g.work.call.credentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(grpcMaxBytes), grpc.MaxCallSendMsgSize(grpcMaxBytes)),
		// As soon again as the other protocols: by default the pauses grow to two
		// minutes, in which every call fails, and a short outage becomes a long one.
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           pauses.Config{BaseDelay: backoff, Multiplier: 1, MaxDelay: backoff},
			MinConnectTimeout: g.work.timeout,
		}),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			g.opened.Add(1)
			return g.work.connect(ctx)
		}))
	if err != nil {
		return fmt.Errorf("prepare gRPC connection: %w", err)
	}
	g.connection = connection
	if g.work.RequestBytes == 0 && g.work.ResponseBytes == 0 && g.work.ServerDelay.Duration == 0 {
		g.call = g.healthCheck()
	} else {
		g.call = g.ping()
	}
	return nil
}

func (g *grpcCall) healthCheck() func(context.Context) error {
	client, request := healthpb.NewHealthClient(g.connection), &healthpb.HealthCheckRequest{}
	if g.work.call == nil {
		request.Service = g.work.key.Mark()
	}
	asked := g.asks()
	return func(ctx context.Context) error {
		if asked != nil {
			ctx = metadata.NewOutgoingContext(ctx, asked)
		}
		answer, err := client.Check(ctx, request)
		if err == nil && answer.GetStatus() != healthpb.HealthCheckResponse_SERVING {
			return status.Error(codes.Unavailable, "not serving")
		}
		return err
	}
}

// asks are what every call asks for beside its message; nil for nothing.
func (g *grpcCall) asks() metadata.MD {
	if g.work.call != nil {
		return g.work.call.metadata()
	}
	var asked metadata.MD
	if g.work.faults != nil {
		asked = metadata.Join(asked, metadata.Pairs(wire.MetadataFaults, g.work.faults.String()))
	}
	if g.work.chain != nil {
		asked = metadata.Join(asked, metadata.Pairs(wire.MetadataChain, g.work.chain.String()))
	}
	return asked
}

// sizeError says that a ping came back with another payload than asked for.
type sizeError int

func (e sizeError) Error() string { return fmt.Sprintf("%d bytes", int(e)) }

func (g *grpcCall) ping() func(context.Context) error {
	client := fgrpc.NewPingServerClient(g.connection)
	request := &fgrpc.PingMessage{Payload: string(make([]byte, g.work.RequestBytes)),
		DelayNanos: int64(g.work.ServerDelay.Duration), Seq: g.work.key.MarkNumber()}
	asked := metadata.Join(g.asks(), metadata.Pairs(wire.MetadataSize, strconv.FormatInt(g.work.ResponseBytes, 10)))
	return func(ctx context.Context) error {
		answer, err := client.Ping(metadata.NewOutgoingContext(ctx, asked), request)
		if err == nil && int64(len(answer.GetPayload())) != g.work.ResponseBytes {
			return sizeError(len(answer.GetPayload()))
		}
		return err
	}
}

func (g *grpcCall) send(ctx context.Context) *failure {
	if n := g.work.RequestsPerConnection; n > 0 && g.sent == n {
		_ = g.connection.Close() // it is idle
		g.sent = 0
		if err := g.connect(); err != nil {
			return &failure{class: v1alpha1.ErrorConnect, detail: short(err)}
		}
	}
	g.sent++
	err := g.call(g.deadline.watch(ctx, g.work.timeout))
	if !g.deadline.release() {
		return &failure{class: v1alpha1.ErrorTimeout} // also if an answer was under way by then
	}
	if err == nil {
		return nil
	}
	var wrong sizeError
	if errors.As(err, &wrong) {
		return &failure{class: v1alpha1.ErrorBodySize, detail: wrong.Error()}
	}
	said := status.Convert(err)
	failed := &failure{class: v1alpha1.ErrorGRPC, detail: said.Code().String()}
	if g.work.call != nil && g.work.call.secret {
		return failed
	}
	failed.answer = failedAnswer(nil, "", said.Message())
	if said.Code() == codes.Unavailable && strings.HasPrefix(said.Message(), wire.FaultText) {
		failed.class = v1alpha1.ErrorFault
	}
	return failed
}

func (g *grpcCall) sockets() int64 { return g.opened.Load() }

func (g *grpcCall) close() { _ = g.connection.Close() }
