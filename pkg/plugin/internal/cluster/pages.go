package cluster

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// pageSize bounds one answer of a list.
const pageSize = 500

// pages lists in parts, so that a large cluster is not asked for all at once.
func pages[L metav1.ListInterface](ctx context.Context, options metav1.ListOptions,
	list func(context.Context, metav1.ListOptions) (L, error), each func(L)) error {
	options.Limit = pageSize
	for {
		part, err := list(ctx, options)
		if err != nil {
			return err
		}
		each(part)
		if options.Continue = part.GetContinue(); options.Continue == "" {
			return nil
		}
	}
}

// again makes each page's call anew while the API server cannot be reached.
func again[L any](list func(context.Context, metav1.ListOptions) (L, error)) func(context.Context,
	metav1.ListOptions) (L, error) {
	return func(ctx context.Context, options metav1.ListOptions) (L, error) {
		return retried(ctx, func(ctx context.Context) (L, error) { return list(ctx, options) })
	}
}
