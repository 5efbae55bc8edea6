package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	utilnet "k8s.io/apimachinery/pkg/util/net"
)

const (
	// outageLimit is how long an API server may be unreachable before a call
	// gives up.
	outageLimit = 2 * time.Minute
	firstPause  = 200 * time.Millisecond
	lastPause   = 5 * time.Second
)

// retried makes a call again while the API server cannot be reached. The calls
// it is used for may be repeated without harm.
func retried[T any](ctx context.Context, call func(context.Context) (T, error)) (T, error) {
	deadline := time.Now().Add(outageLimit)
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		result, err := call(ctx)
		if err != nil && ctx.Err() != nil {
			return result, fmt.Errorf("%w (%w)", context.Cause(ctx), err)
		}
		if err == nil || !outage(err) || time.Now().Add(pause).After(deadline) {
			return result, err
		}
		select {
		case <-ctx.Done():
			return result, fmt.Errorf("%w (%w)", context.Cause(ctx), err)
		case <-time.After(pause):
		}
	}
}

// outage reports whether err says that the API server was not there, or could
// not work, rather than that it said no.
func outage(err error) bool {
	if apierrors.IsInternalError(err) { // of others, such as webhooks, it has no more to say later
		return strings.Contains(err.Error(), "etcdserver: ")
	}
	return utilnet.IsConnectionRefused(err) || utilnet.IsConnectionReset(err) || utilnet.IsTimeout(err) ||
		errors.Is(err, syscall.EHOSTUNREACH) || errors.Is(err, syscall.ENETUNREACH) ||
		errors.Is(err, io.ErrUnexpectedEOF) || utilnet.IsProbableEOF(err) ||
		utilnet.IsHTTP2ConnectionLost(err) || strings.Contains(err.Error(), "http2: server sent GOAWAY") ||
		apierrors.IsServerTimeout(err) || apierrors.IsTimeout(err) || apierrors.IsTooManyRequests(err) ||
		apierrors.IsServiceUnavailable(err)
}
