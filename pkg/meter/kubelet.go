package meter

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Kubelet returns the source that reads each kubelet's cAdvisor through the API
// server. It needs "get nodes/proxy". What a node's kubelet does not keep, it
// does: it must be polled more often than cAdvisor takes samples.
func Kubelet(api Getter) Source { return &kubelet{api: api, kept: newLedger()} }

type kubelet struct {
	api  Getter
	kept *ledger
}

func (*kubelet) name() v1alpha1.SourceName { return v1alpha1.SourceCAdvisor }

func (k *kubelet) poll(ctx context.Context, s scope) error {
	nodes := s.nodes()
	seen := make([][]observation, len(nodes))
	errs := make([]error, len(nodes))
	var reads sync.WaitGroup
	for i, node := range nodes {
		reads.Go(func() {
			body, err := k.api.Raw(ctx, "/api/v1/nodes/"+url.PathEscape(node)+"/proxy/metrics/cadvisor", nil, bodyLimit)
			if err == nil {
				seen[i], err = parseExposition(body)
			}
			if err == nil && len(seen[i]) == 0 {
				err = errors.New("its kubelet serves no metrics of cAdvisor")
			}
			if err != nil {
				errs[i] = fmt.Errorf("node %s: %w", node, explain(err))
			}
		})
	}
	reads.Wait()
	for i, node := range nodes {
		k.kept.observe(node, seen[i])
	}
	return summary(errs)
}

func (k *kubelet) ledger(context.Context, scope, v1alpha1.Window) (*ledger, error) {
	return k.kept, nil
}
func (k *kubelet) forget(before time.Time) { k.kept.forget(before) }
func (*kubelet) queries() []string         { return nil }
