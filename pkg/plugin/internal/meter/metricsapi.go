package meter

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"

	quantity "k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// MetricsAPI returns the source that reads metrics.k8s.io. It gives means over
// a window of its own, of 10 to 60 seconds, and no totals: a last resort.
func MetricsAPI(api Getter) Source { return &metricsAPI{api: api, history: newHistory()} }

type metricsAPI struct {
	api Getter
	history
}

// usageOver is what metrics.k8s.io says of one pod or node.
type usageOver struct {
	Metadata  metav1.ObjectMeta `json:"metadata"`
	Timestamp metav1.Time       `json:"timestamp"`
	Window    metav1.Duration   `json:"window"`
	// Usage is set for a node, Containers for a pod.
	Usage      amounts `json:"usage"`
	Containers []struct {
		Name  string  `json:"name"`
		Usage amounts `json:"usage"`
	} `json:"containers"`
}

type amounts struct {
	CPU    quantity.Quantity `json:"cpu"`
	Memory quantity.Quantity `json:"memory"`
}

func (*metricsAPI) name() v1alpha1.SourceName { return v1alpha1.SourceMetricsAPI }

const metricsPath = "/apis/metrics.k8s.io/v1beta1"

func (m *metricsAPI) poll(ctx context.Context, s scope) error {
	var errs []error
	for _, node := range s.nodes() {
		var u usageOver
		if err := m.get(ctx, metricsPath+"/nodes/"+url.PathEscape(node), &u); err != nil {
			errs = append(errs, fmt.Errorf("node %s: %w", node, explain(err)))
			continue
		}
		m.add(func(kept *readings) { kept.observeNodeUsage(node, u) })
	}
	for _, namespace := range s.namespaces() {
		var list struct {
			Items []usageOver `json:"items"`
		}
		if err := m.get(ctx, metricsPath+"/namespaces/"+url.PathEscape(namespace)+"/pods", &list); err != nil {
			errs = append(errs, fmt.Errorf("namespace %s: %w", namespace, explain(err)))
			continue
		}
		m.add(func(kept *readings) {
			for _, u := range list.Items {
				u.Metadata.Namespace = namespace
				kept.observePodUsage(s, u)
			}
		})
	}
	return summary(errs)
}

func (m *metricsAPI) get(ctx context.Context, path string, into any) error {
	body, err := m.api.Raw(ctx, path, nil, bodyLimit)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return nil
}

// spanOf is the mean use as an amount over the window it is the mean of.
func (u usageOver) spanOf(a amounts) (span, bool) {
	if u.Window.Duration <= 0 || u.Timestamp.IsZero() {
		return span{}, false
	}
	s := span{from: u.Timestamp.Add(-u.Window.Duration), to: u.Timestamp.Time}
	s.amount = a.CPU.AsApproximateFloat64() * s.seconds()
	return s, s.amount >= 0
}

func (l *readings) observeNodeUsage(node string, u usageOver) {
	if s, ok := u.spanOf(u.Usage); ok {
		n := l.node(node)
		if n.roots[""] == nil {
			n.roots[""] = &rootSeries{}
		}
		n.roots[""].total.addSpan(s)
	}
}

// observePodUsage takes the containers of one pod. Only our own pods are known
// to be on a node: metrics.k8s.io does not tell.
func (l *readings) observePodUsage(s scope, u usageOver) {
	node := s.own[types.NamespacedName{Namespace: u.Metadata.Namespace, Name: u.Metadata.Name}].node
	for _, c := range u.Containers {
		used, ok := u.spanOf(c.Usage)
		if !ok {
			continue
		}
		x := l.container(identity{Node: node, Namespace: u.Metadata.Namespace, Pod: u.Metadata.Name, Container: c.Name})
		x.cpu.addSpan(used)
		x.memory = addLevel(x.memory, level{at: used.to, value: c.Usage.Memory.AsApproximateFloat64()})
	}
}
