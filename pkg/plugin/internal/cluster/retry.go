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
	deadline := time.Now().Add(kube.OutageLimit)
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		result, err := call(ctx)
		if err != nil && ctx.Err() != nil {
			return result, fmt.Errorf("%w (%w)", context.Cause(ctx), err)
		}
		if err == nil || !kube.IsOutage(err) || time.Now().Add(pause).After(deadline) {
			return result, err
		}
		select {
		case <-ctx.Done():
			return result, fmt.Errorf("%w (%w)", context.Cause(ctx), err)
		case <-time.After(pause):
		}
	}
}
