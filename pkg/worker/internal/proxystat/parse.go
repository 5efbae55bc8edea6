package proxystat

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// maxLine bounds one series; a proxy writes some hundreds of bytes.
const maxLine = 64 << 10

// parse adds up the counters in a text of Prometheus' format. Only lines of
// these counters are kept, so memory grows with them and not with the cluster.
func parse(text io.Reader, c wire.ProxyCounters) (wire.ProxyReading, error) {
	families, err := pick(text, c)
	if err != nil {
		return wire.ProxyReading{}, err
	}
	var out wire.ProxyReading
	requests := families[c.Requests.Name]
	if requests == nil {
		out.Unread = fmt.Sprintf("port %d%s has no counter %s", c.Port, c.Path, c.Requests.Name)
	}
	if out.Requests, err = sum(requests, c.Requests.Labels); err != nil {
		return wire.ProxyReading{}, err
	}
	if c.MTLSLabel != "" {
		secured := map[string]string{c.MTLSLabel: c.MTLSValue}
		if out.MutualTLS, err = sum(requests, c.Requests.Labels, secured); err != nil {
			return wire.ProxyReading{}, err
		}
	}
	if c.Connections != nil {
		if out.Connections, err = sum(families[c.Connections.Name], c.Connections.Labels); err != nil {
			return wire.ProxyReading{}, err
		}
	}
	return out, nil
}

// pick parses the lines of the named counters.
func pick(text io.Reader, c wire.ProxyCounters) (map[string]*dto.MetricFamily, error) {
	names := []string{c.Requests.Name}
	if c.Connections != nil && c.Connections.Name != c.Requests.Name {
		names = append(names, c.Connections.Name)
	}
	kept := map[string]*bytes.Buffer{} // a family's lines must stand together
	lines := bufio.NewScanner(text)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		for _, name := range names {
			rest, ok := bytes.CutPrefix(lines.Bytes(), []byte(name))
			if !ok || len(rest) == 0 || !bytes.ContainsAny(rest[:1], "{ \t") {
				continue
			}
			if kept[name] == nil {
				kept[name] = &bytes.Buffer{}
			}
			kept[name].Write(lines.Bytes())
			kept[name].WriteByte('\n')
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	families := map[string]*dto.MetricFamily{}
	for name, text := range kept {
		parser := expfmt.NewTextParser(model.UTF8Validation)
		parsed, err := parser.TextToMetricFamilies(text)
		if err != nil {
			return nil, err
		}
		families[name] = parsed[name]
	}
	return families, nil
}

var errNotACount = errors.New("a value is no count")

// sum adds up the series that have all these labels; 0 where there is none.
func sum(family *dto.MetricFamily, wanted ...map[string]string) (*int64, error) {
	var total float64
	for _, m := range family.GetMetric() {
		if !has(m, wanted) {
			continue
		}
		// Without its TYPE line the parser knows no counter.
		value := m.GetUntyped().GetValue()
		if math.IsNaN(value) || value < 0 {
			return nil, errNotACount
		}
		total += value
	}
	const most = 1 << 53 // what a float64 counts without gaps
	if total > most {
		return nil, errNotACount
	}
	n := int64(total)
	return &n, nil
}

func has(m *dto.Metric, wanted []map[string]string) bool {
	have := map[string]string{}
	for _, l := range m.GetLabel() {
		have[l.GetName()] = l.GetValue()
	}
	for _, labels := range wanted {
		for name, value := range labels {
			if have[name] != value {
				return false
			}
		}
	}
	return true
}
