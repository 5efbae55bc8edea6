package meter

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// parseExposition reads the metrics that are wanted from a kubelet's answer to
// /metrics/cadvisor, in the Prometheus text format.
func parseExposition(body []byte) ([]observation, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(onlyWanted(body))
	if err != nil {
		return nil, fmt.Errorf("read the kubelet's metrics: %w", err)
	}
	var all []observation
	for _, name := range containerMetrics() {
		for _, m := range families[name].GetMetric() {
			o := observation{metric: name, labels: map[string]string{}, value: m.GetUntyped().GetValue()}
			switch {
			case m.Counter != nil:
				o.value = m.GetCounter().GetValue()
			case m.Gauge != nil:
				o.value = m.GetGauge().GetValue()
			}
			if m.TimestampMs != nil {
				o.at = time.UnixMilli(m.GetTimestampMs())
			}
			for _, l := range m.GetLabel() {
				o.labels[l.GetName()] = l.GetValue()
			}
			if o.at.IsZero() && name != metricStart && name != metricPeriod && name != metricQuota && name != metricCores {
				continue // when it was true is not known
			}
			all = append(all, o)
		}
	}
	return all, nil
}

// onlyWanted leaves out all lines of other metrics: a kubelet's answer has
// megabytes of them, and parsing is what costs.
func onlyWanted(body []byte) io.Reader {
	wanted := containerMetrics()
	var kept bytes.Buffer
	lines := bufio.NewScanner(bytes.NewReader(body))
	lines.Buffer(nil, len(body)+1)
	for lines.Scan() {
		line := lines.Bytes()
		name := string(line)
		if rest, ok := strings.CutPrefix(name, "# TYPE "); ok {
			name = rest
		}
		if i := strings.IndexAny(name, "{ \t"); i >= 0 {
			name = name[:i]
		}
		if slices.Contains(wanted, name) {
			kept.Write(line)
			kept.WriteByte('\n')
		}
	}
	return &kept
}
