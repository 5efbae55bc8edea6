package cluster

import (
	"context"
	"fmt"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
)

const (
	firstPause = 200 * time.Millisecond
	lastPause  = 5 * time.Second
)

// retried makes a call again while the API server cannot be reached. The calls
// it is used for may be repeated without harm.
func retried[T any](ctx context.Context, call func(context.Context) (T, error)) (T, error) {
	return retriedFor(ctx, kube.OutageLimit, call)
}

// openingLimit is how long the questions before a run are asked again: a gateway
// that fails for a moment must not keep it from beginning, and whoever has mistyped
// an address or a token is not to wait for long.
const openingLimit = 5 * time.Second

func retriedFor[T any](ctx context.Context, limit time.Duration, call func(context.Context) (T, error)) (T, error) {
	deadline := time.Now().Add(limit)
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		result, err := call(ctx)
		if err != nil && ctx.Err() != nil {
			return result, fmt.Errorf("%w (%w)", context.Cause(ctx), err)
		}
		left := time.Until(deadline)
		if err == nil || !kube.IsOutage(err) || left <= 0 {
			return result, err
		}
		select {
		case <-ctx.Done():
			return result, fmt.Errorf("%w (%w)", context.Cause(ctx), err)
		case <-time.After(min(pause, left)):
		}
	}
}
