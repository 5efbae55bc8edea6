package meter

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"k8s.io/apimachinery/pkg/types"
)

// selectors are label matchers for the series of one node; empty if not known.
type selectors struct {
	// kubelet are those of its kubelet's cAdvisor, exporter of its node-exporter.
	kubelet, exporter string
}

// rootDropped says what to do where the node's own rows are gone.
const rootDropped = "it has neither the rows of the root control group (id=\"/\") nor node-exporter's " +
	metricNodeCPU +
	": with kube-prometheus-stack set nodeExporter.enabled, or take the rule that drops rows without a pod" +
	" (sourceLabels: [id, pod]) out of kubelet.serviceMonitor.cAdvisorMetricRelabelings"

// check asks for what everything depends on, before a run.
func (p *prometheus) check(ctx context.Context) error {
	query := "count(" + p.series(metricCPU) + ")"
	found, err := p.vector(ctx, query)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return fmt.Errorf("prometheus answers, but has nothing for %s: let it scrape the kubelets' /metrics/cadvisor,"+
			" or correct --prometheus-matcher", p.secrets.clean(query))
	}
	return nil
}

// series writes a selector out of a metric's name, or none, and matchers, those
// of the user among them.
func (p *prometheus) series(name string, matchers ...string) string {
	all := slices.Concat(matchers, p.matchers)
	return name + "{" + strings.Join(slices.DeleteFunc(all, func(m string) bool { return m == "" }), ",") + "}"
}

func (p *prometheus) selectors(node string) selectors {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.found[node]
}

// poll finds out how each node's series are labelled: no two scrape
// configurations agree on it.
func (p *prometheus) poll(ctx context.Context, s scope) error {
	nodes := slices.DeleteFunc(s.nodes(), func(node string) bool { return p.selectors(node).kubelet != "" })
	if len(nodes) == 0 {
		return nil
	}
	kubelets, err := p.kubelets(ctx, s, nodes)
	if err != nil {
		return err
	}
	names, err := p.vector(ctx, p.series("node_uname_info"))
	if err != nil {
		return err
	}
	var errs []error
	for _, node := range nodes {
		of := selectors{kubelet: kubelets[node]}
		if of.kubelet == "" {
			errs = append(errs, fmt.Errorf("node %s: no series of %s names it, nor one of the run's pods there:"+
				" let Prometheus scrape the kubelets' /metrics/cadvisor", node, metricCPU))
			continue
		}
		of.exporter = exporterOf(names, node, of.kubelet)
		p.mu.Lock()
		p.found[node] = of
		p.mu.Unlock()
	}
	return summary(errs)
}

// kubelets finds the matcher of each node's kubelet: by the rows of our own
// pods, of which we know where they run, or by rows that name the node.
func (p *prometheus) kubelets(ctx context.Context, s scope, nodes []string) (map[string]string, error) {
	out := map[string]string{}
	if pods := podNames(s); pods != "" {
		rows, err := p.vector(ctx, p.series(metricCPU, fmt.Sprintf("pod=~%q", pods)))
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			own, ok := s.own[types.NamespacedName{Namespace: string(row.Metric["namespace"]),
				Name: string(row.Metric["pod"])}]
			if !ok || out[own.node] != "" {
				continue
			}
			out[own.node] = nodeLabel(model.Vector{row}, own.node)
			if instance := row.Metric[model.InstanceLabel]; out[own.node] == "" && instance != "" {
				out[own.node] = fmt.Sprintf("instance=%q", instance)
			}
		}
	}
	if !slices.ContainsFunc(nodes, func(node string) bool { return out[node] == "" }) {
		return out, nil
	}
	rows, err := p.vector(ctx, p.series(metricCPU, `id="/"`)+
		" or "+p.series(metricCores))
	if err != nil {
		return nil, err
	}
	for _, node := range nodes {
		if out[node] == "" {
			out[node] = nodeLabel(rows, node)
		}
	}
	return out, nil
}

// podNames is a regular expression of the names of the run's pods.
func podNames(s scope) string {
	var names []string
	for name := range maps.Keys(s.own) {
		names = append(names, regexp.QuoteMeta(name.Name))
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), "|")
}

// nodeLabel returns a matcher for the series of one node, by a label that names
// it.
func nodeLabel(series model.Vector, node string) string {
	for _, s := range series {
		var names []string
		for name := range s.Metric {
			names = append(names, string(name))
		}
		slices.Sort(names)
		for _, name := range names {
			value := string(s.Metric[model.LabelName(name)])
			if name != "job" && (value == node || strings.HasPrefix(value, node+":")) {
				return fmt.Sprintf("%s=%q", name, value)
			}
		}
	}
	return ""
}

// exporterOf returns a matcher for the node-exporter of a node: the one whose
// host bears its name, or one at the kubelet's address.
func exporterOf(names model.Vector, node, kubelet string) string {
	label, quoted, _ := strings.Cut(kubelet, "=")
	host := strings.Trim(quoted, `"`)
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	for _, same := range []func(m model.Metric) bool{
		func(m model.Metric) bool {
			return string(m[model.LabelName(label)])+`"` == strings.TrimPrefix(quoted, `"`)
		},
		func(m model.Metric) bool {
			name := string(m["nodename"])
			return name == node || strings.HasPrefix(name, node+".")
		},
		func(m model.Metric) bool {
			h, _, err := net.SplitHostPort(string(m[model.InstanceLabel]))
			return err == nil && h == host
		},
	} {
		for _, row := range names {
			if instance := row.Metric[model.InstanceLabel]; instance != "" && same(row.Metric) {
				return fmt.Sprintf("instance=%q", instance)
			}
		}
	}
	return fmt.Sprintf("instance=~%q", regexp.QuoteMeta(host)+"(:[0-9]+)?")
}

// Check asks a source for what it needs, before a run: one that was named and
// gives nothing is an error then. Sources that are only tried pass.
func Check(ctx context.Context, s Source) error {
	asked, ok := s.(interface{ check(context.Context) error })
	if !ok {
		return nil
	}
	ctx, stop := context.WithTimeoutCause(ctx, pollLimit, errors.New("it does not answer"))
	defer stop()
	return asked.check(ctx)
}
