package proxystat

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

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
	requests := families[c.Requests.Name]
	if requests == nil {
		none := int64(0)
		return wire.ProxyReading{Requests: &none,
			Unread: fmt.Sprintf("port %d%s has no counter %s", c.Port, c.Path, c.Requests.Name)}, nil
	}
	selected, err := choose(requests, c.Requests)
	if err != nil {
		return wire.ProxyReading{}, err
	}
	var out wire.ProxyReading
	if out.Requests, err = sum(selected); err != nil {
		return wire.ProxyReading{}, err
	}
	for _, m := range selected {
		out.Series = append(out.Series, hash(m))
	}
	if c.MTLSLabel != "" {
		if err := secured(&out, selected, c.MTLSLabel, c.MTLSValue); err != nil {
			return wire.ProxyReading{}, err
		}
	}
	if c.Connections == nil || families[c.Connections.Name] == nil {
		return out, nil
	}
	// Connections only explain why requests were not counted: what is odd about
	// them takes nothing from the requests.
	if opened, err := choose(families[c.Connections.Name], *c.Connections); err == nil {
		if n, err := sum(opened); err == nil {
			out.Connections = n
		}
	}
	return out, nil
}

// choose selects the series of a counter. A label that none of its series
// carries selects nothing, which is no count of 0: users remove labels. Nor can
// two series of the same labels be added up: they are copies of one.
func choose(family *dto.MetricFamily, c wire.Counter) ([]*dto.Metric, error) {
	for _, name := range slices.Sorted(maps.Keys(c.Labels)) {
		if !slices.ContainsFunc(family.GetMetric(), func(m *dto.Metric) bool { return valueOf(m, name) != "" }) {
			return nil, fmt.Errorf("no such label: no series of %s has %s, which selects those to count", c.Name, name)
		}
	}
	var selected []*dto.Metric
	seen := map[string]bool{}
	for _, m := range family.GetMetric() {
		if !has(m, c.Labels) {
			continue
		}
		id := hash(m)
		if seen[id] {
			return nil, fmt.Errorf("a series of %s is there twice, as where an application's metrics are merged in", c.Name)
		}
		seen[id] = true
		selected = append(selected, m)
	}
	return selected, nil
}

// secured tells apart what went through mutual TLS, what did not, and what the
// proxy says it does not know of.
func secured(out *wire.ProxyReading, selected []*dto.Metric, label, value string) error {
	var mutual, plain []*dto.Metric
	told := len(selected) == 0 // nothing is counted yet
	for _, m := range selected {
		switch valueOf(m, label) {
		case value:
			mutual, told = append(mutual, m), true
		case "", "unknown":
		default:
			plain, told = append(plain, m), true
		}
	}
	if !told {
		return nil
	}
	var err error
	if out.MutualTLS, err = sum(mutual); err != nil {
		return err
	}
	out.Plain, err = sum(plain)
	return err
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

// sum adds up series; 0 where there is none.
func sum(series []*dto.Metric) (*int64, error) {
	var total float64
	for _, m := range series {
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

// valueOf is a label's value, or empty: in this format that is the same as
// no such label.
func valueOf(m *dto.Metric, label string) string {
	for _, l := range m.GetLabel() {
		if l.GetName() == label {
			return l.GetValue()
		}
	}
	return ""
}

func has(m *dto.Metric, wanted map[string]string) bool {
	for name, value := range wanted {
		if valueOf(m, name) != value {
			return false
		}
	}
	return true
}

// hash names a series by its labels, whatever their order.
func hash(m *dto.Metric) string {
	var labels []string
	for _, l := range m.GetLabel() {
		if l.GetValue() != "" {
			labels = append(labels, fmt.Sprintf("%q=%q", l.GetName(), l.GetValue()))
		}
	}
	slices.Sort(labels)
	h := fnv.New64a()
	_, _ = io.WriteString(h, strings.Join(labels, ",")) // a hash takes everything
	return strconv.FormatUint(h.Sum64(), 36)
}
