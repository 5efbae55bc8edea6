package target

import (
	"context"

	"fortio.org/fortio/fgrpc"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

func invalid(err error) error { return status.Error(codes.InvalidArgument, err.Error()) }

// further is an error of the next target, with its code: a mesh's policies go by that.
func further(err error) error {
	if err == nil {
		return nil
	}
	s := status.Convert(err)
	return status.Errorf(s.Code(), "next hop: %.*s", maxSaid, s.Message())
}

// ping calls the next target's ping as this one was called. The context carries the
// caller's deadline.
func (n *onward) ping(ctx context.Context, md metadata.MD, in *fgrpc.PingMessage, c *wire.Chain) error {
	return n.each(c, func(next wire.Chain) error {
		_, err := fgrpc.NewPingServerClient(n.calls).Ping(outgoing(ctx, md, next), in)
		return further(err)
	})
}

// check is ping for a health check.
func (n *onward) check(ctx context.Context, md metadata.MD, in *healthpb.HealthCheckRequest, c *wire.Chain) error {
	return n.each(c, func(next wire.Chain) error {
		_, err := healthpb.NewHealthClient(n.calls).Check(outgoing(ctx, md, next), in)
		return further(err)
	})
}
