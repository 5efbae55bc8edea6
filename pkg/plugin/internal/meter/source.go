package meter

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Getter reads from an API server.
type Getter interface {
	// Raw returns the body of a path, at most limit bytes of it. The error is in
	// the API server's own words.
	Raw(ctx context.Context, path string, query url.Values, limit int64) ([]byte, error)
}

// Source is one place that knows what containers and nodes use. It is polled and
// asked at the same time.
type Source interface {
	name() v1alpha1.SourceName
	// poll reads what there is now. An error says which node cannot be read; the
	// others are. Sources that keep a history of their own do nothing.
	poll(ctx context.Context, s scope) error
	// readings returns what is known around a window.
	readings(ctx context.Context, s scope, w v1alpha1.Window) (*readings, error)
	// forget says that nothing before that instant will be asked for.
	forget(before time.Time)
}

// explain adds to a refusal what would end it.
func explain(err error) error {
	if apierrors.IsForbidden(err) {
		return fmt.Errorf("%w: ClusterRole meshbench-resources (manifests/rbac/resources.yaml) grants it", err)
	}
	return err
}

// summary is the first of several failures and the number of the others, on
// one line.
func summary(errs []error) error {
	errs = slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	switch len(errs) {
	case 0:
		return nil
	case 1:
		return errs[0]
	}
	return fmt.Errorf("%w (and %d more)", errs[0], len(errs)-1)
}

// bodyLimit bounds one answer: a kubelet with 250 busy pods gives about 20 MB.
const bodyLimit = 128 << 20
