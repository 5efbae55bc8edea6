package meter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/api"
	prom "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Prometheus returns the source that asks a Prometheus server, which must scrape
// the kubelets' cAdvisor. It asks for the samples as they were scraped, with
// their timestamps, not for rates at instants of its own choice.
func Prometheus(a PrometheusAccess) (Source, error) {
	transport, known, err := a.transport()
	if err != nil {
		return nil, fmt.Errorf("prometheus: %w", err)
	}
	client, err := api.NewClient(api.Config{Address: a.Address,
		Client: &http.Client{Transport: bounded{transport}, CheckRedirect: followNothing}})
	if err != nil {
		return nil, fmt.Errorf("prometheus: %w", known.cleanError(err))
	}
	return &prometheus{api: prom.NewAPI(client), secrets: known, matchers: a.Matchers, found: map[string]selectors{}}, nil
}

// followNothing refuses every redirect: a transport that adds credentials adds
// them to the request to the next host too.
func followNothing(next *http.Request, via []*http.Request) error {
	from := via[0].URL
	if strings.Contains(from.Path, "/proxy/") {
		return fmt.Errorf("%s redirects to %s, which is not followed: name the Service that answers itself", from.Path,
			next.URL.Host)
	}
	return fmt.Errorf("%s redirects to %s, which is not followed: give the address itself", from.Host, next.URL.Host)
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
	api      querier
	secrets  *secrets
	matchers []string
	mu       sync.Mutex
	// found are the selectors of nodes; mu guards them.
	found map[string]selectors
}

func (*prometheus) name() v1alpha1.SourceName { return v1alpha1.SourcePrometheus }
func (*prometheus) forget(time.Time)          {}

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

// ask is the only way to the server; what it says comes back without secrets.
func (p *prometheus) ask(ctx context.Context, query string, at time.Time) (model.Value, error) {
	value, _, _, err := p.api.Query(ctx, query, at)
	var said *prom.Error
	if errors.As(err, &said) && said.Detail != "" {
		err = fmt.Errorf("%w: %.300s", err, strings.TrimSpace(said.Detail))
	}
	var sent *url.Error
	if errors.As(err, &sent) {
		err = sent.Err // without the address
	}
	if err != nil {
		return nil, p.secrets.cleanError(fmt.Errorf("ask Prometheus: %w", barred(err)))
	}
	return value, nil
}

// readings asks for all samples from staleAfter before the window until as long
// after it, so that those across its edges are there.
func (p *prometheus) readings(ctx context.Context, s scope, w v1alpha1.Window) (*readings, error) {
	l := newReadings()
	length := w.EndedAt.Sub(w.StartedAt) + 2*staleAfter
	for _, node := range s.nodes() {
		of := p.selectors(node)
		for _, query := range []string{
			p.series("", fmt.Sprintf("__name__=~%q", strings.Join(containerMetrics(), "|")), of.kubelet),
			p.series(metricNodeCPU, of.exporter),
		} {
			if of.kubelet == "" {
				continue
			}
			query += fmt.Sprintf("[%dms]", length.Milliseconds())
			l.queries = append(l.queries, p.secrets.clean(query))
			value, err := p.ask(ctx, query, w.EndedAt.Add(staleAfter))
			if err != nil {
				return nil, err
			}
			all, err := observationsOf(value, p.secrets)
			if err != nil {
				return nil, err
			}
			l.observe(node, all)
		}
		if n := l.node(node); of.kubelet != "" && len(n.roots) == 0 && len(n.exporters) == 0 {
			n.missing = rootDropped
		}
	}
	return l, nil
}

// observationsOf reads the samples of an answer to a range selector.
func observationsOf(value model.Value, hide *secrets) ([]observation, error) {
	matrix, ok := value.(model.Matrix)
	if !ok {
		return nil, fmt.Errorf("prometheus answers with a %s, want a matrix", value.Type())
	}
	var all []observation
	for _, stream := range matrix {
		labels := map[string]string{}
		for name, v := range stream.Metric {
			labels[string(name)] = hide.clean(string(v))
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
