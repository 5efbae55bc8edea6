package meter

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Kubelet returns the source that reads each kubelet's cAdvisor through the API
// server. It needs "get nodes/proxy". What a node's kubelet does not keep, it
// does: it must be polled more often than cAdvisor takes samples.
func Kubelet(api Getter) Source { return &kubelet{api: api, history: newHistory()} }

type kubelet struct {
	api Getter
	history
}

func (*kubelet) name() v1alpha1.SourceName { return v1alpha1.SourceCAdvisor }

func (k *kubelet) poll(ctx context.Context, s scope) error {
	nodes := s.nodes()
	errs := make([]error, len(nodes))
	var reads sync.WaitGroup
	for i, node := range nodes {
		reads.Go(func() {
			if err := k.read(ctx, node); err != nil {
				errs[i] = fmt.Errorf("node %s: %w", node, explain(err))
			}
		})
	}
	reads.Wait()
	return summary(errs)
}

// read takes in what one kubelet says, whatever becomes of the others.
func (k *kubelet) read(ctx context.Context, node string) error {
	body, err := k.api.Raw(ctx, "/api/v1/nodes/"+url.PathEscape(node)+"/proxy/metrics/cadvisor", nil, bodyLimit)
	if err != nil {
		return err
	}
	seen, err := parseExposition(body)
	if err != nil {
		return err
	}
	if len(seen) == 0 {
		return errors.New("its kubelet serves no metrics of cAdvisor")
	}
	k.add(func(kept *readings) { kept.observe(node, seen) })
	return nil
}
