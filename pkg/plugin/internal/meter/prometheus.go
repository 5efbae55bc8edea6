package meter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/api"
	prom "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Prometheus returns the source that asks a Prometheus server at that address,
// which must scrape the kubelets' cAdvisor. It asks for the samples as they
// were scraped, with their timestamps, not for rates at instants of its own
// choice. transport may be nil for the usual one.
func Prometheus(address string, transport http.RoundTripper) (Source, error) {
	if transport == nil {
		transport = api.DefaultRoundTripper
	}
	client, err := api.NewClient(api.Config{Address: address,
		Client: &http.Client{Transport: bounded{transport}, CheckRedirect: followNothing}})
	if err != nil {
		return nil, fmt.Errorf("prometheus at %s: %w", address, err)
	}
	return &prometheus{api: prom.NewAPI(client), labels: map[string]string{}}, nil
}

// followNothing refuses every redirect: a transport that adds credentials adds
// them to the request to the next host too.
func followNothing(next *http.Request, via []*http.Request) error {
	return fmt.Errorf("%s redirects to %s, which is not followed: give the address itself", via[0].URL.Host, next.URL.Host)
}

// bounded keeps a server from filling the memory.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		response.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(response.Body, bodyLimit), response.Body}
	}
	return response, err
}

// querier is what is used of the server's API.
type querier interface {
	Query(ctx context.Context, query string, at time.Time, opts ...prom.Option) (model.Value, prom.Warnings, prom.Infos,
		error)
}

type prometheus struct {
	api querier
	mu  sync.Mutex
	// labels are those that name a node in the server's series, by node; mu
	// guards them.
	labels map[string]string
}

func (*prometheus) name() v1alpha1.SourceName { return v1alpha1.SourcePrometheus }
func (*prometheus) forget(time.Time)          {}

// poll finds out under which label each node goes.
func (p *prometheus) poll(ctx context.Context, s scope) error {
	var errs []error
	for _, node := range s.nodes() {
		if p.label(node) != "" {
			continue
		}
		found, err := p.vector(ctx, fmt.Sprintf(`%s{id="/"}`, metricCPU))
		if err != nil {
			return err
		}
		label := nodeLabel(found, node)
		p.mu.Lock()
		p.labels[node] = label
		p.mu.Unlock()
		if label == "" {
			errs = append(errs,
				fmt.Errorf("node %s: no series of %s names it: let Prometheus scrape the kubelets' /metrics/cadvisor", node,
					metricCPU))
		}
	}
	return summary(errs)
}

// label is the matcher for a node's series; empty if it is not known.
func (p *prometheus) label(node string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.labels[node]
}

// nodeLabel returns a matcher for the series of one node: no two scrape
// configurations agree on the label.
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

func (p *prometheus) vector(ctx context.Context, query string) (model.Vector, error) {
	value, err := p.ask(ctx, query, time.Time{})
	if err != nil {
		return nil, err
	}
	vector, ok := value.(model.Vector)
	if !ok {
		return nil, fmt.Errorf("prometheus answers %q with a %s, want a vector", query, value.Type())
	}
	return vector, nil
}

func (p *prometheus) ask(ctx context.Context, query string, at time.Time) (model.Value, error) {
	value, _, _, err := p.api.Query(ctx, query, at)
	var said *prom.Error
	if errors.As(err, &said) && said.Detail != "" {
		return nil, fmt.Errorf("ask Prometheus: %w: %.300s", err, strings.TrimSpace(said.Detail))
	}
	if err != nil {
		return nil, fmt.Errorf("ask Prometheus: %w", err)
	}
	return value, nil
}

// ledger asks for all samples from staleAfter before the window until as long
// after it, so that those across its edges are there.
func (p *prometheus) ledger(ctx context.Context, s scope, w v1alpha1.Window) (*ledger, error) {
	l := newLedger()
	length := w.EndedAt.Sub(w.StartedAt) + 2*staleAfter
	for _, node := range s.nodes() {
		label := p.label(node)
		if label == "" {
			continue
		}
		query := fmt.Sprintf(`{__name__=~"%s",%s}[%dms]`, strings.Join(containerMetrics(), "|"), label, length.Milliseconds())
		l.queries = append(l.queries, query)
		value, err := p.ask(ctx, query, w.EndedAt.Add(staleAfter))
		if err != nil {
			return nil, err
		}
		all, err := observationsOf(value)
		if err != nil {
			return nil, err
		}
		l.observe(node, all)
		_, nodeValue, _ := strings.Cut(label, "=")
		// node-exporter may go under the same name, or not be there at all.
		query = fmt.Sprintf(`%s{instance=%s}[%dms]`, metricNodeCPU, nodeValue, length.Milliseconds())
		l.queries = append(l.queries, query)
		if value, err = p.ask(ctx, query, w.EndedAt.Add(staleAfter)); err != nil {
			return nil, err
		}
		if all, err = observationsOf(value); err != nil {
			return nil, err
		}
		l.observe(node, all)
	}
	return l, nil
}

// observationsOf reads the samples of an answer to a range selector.
func observationsOf(value model.Value) ([]observation, error) {
	matrix, ok := value.(model.Matrix)
	if !ok {
		return nil, fmt.Errorf("prometheus answers with a %s, want a matrix", value.Type())
	}
	var all []observation
	for _, stream := range matrix {
		labels := map[string]string{}
		for name, v := range stream.Metric {
			labels[string(name)] = string(v)
		}
		for _, sample := range stream.Values {
			all = append(all, observation{
				metric: labels[model.MetricNameLabel], labels: labels,
				at: sample.Timestamp.Time(), value: float64(sample.Value),
			})
		}
	}
	return all, nil
}
