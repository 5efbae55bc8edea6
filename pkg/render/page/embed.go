package page

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"html/template"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// How a report is embedded: as it is where it is small, so that anything can read
// it; compressed where it is not; and without what each second used where it would
// make pages of several megabytes.
const (
	mostPlainBytes  = 512 << 10
	mostSeriesBytes = 2 << 20
)

// embedding is the report within its page.
type embedding struct {
	// JSON is empty where Compressed is not: gzip in base64.
	JSON template.JS
	// Compressed is base64, of which nothing can be markup.
	Compressed template.HTML
	// NoSeries is set if what was recorded by the second is not in it.
	NoSeries bool
}

func embed(r v1alpha1.Report) (embedding, error) {
	var e embedding
	if seriesBytes(r) > mostSeriesBytes {
		e.NoSeries = true
		r = withoutSeries(r)
	}
	raw, err := json.Marshal(r) // which escapes <, > and &
	if err != nil {
		return embedding{}, err
	}
	if len(raw) <= mostPlainBytes {
		e.JSON = template.JS(raw)
		return e, nil
	}
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(raw); err != nil {
		return embedding{}, err
	}
	if err := w.Close(); err != nil {
		return embedding{}, err
	}
	e.Compressed = template.HTML(base64.StdEncoding.EncodeToString(out.Bytes()))
	return e, nil
}

// seriesBytes is about how much JSON is of what was recorded by the second.
func seriesBytes(r v1alpha1.Report) int {
	const second, used = 120, 40 // one second of a trial, and one sample of a container or node
	total := 0
	for i := range r.Trials {
		t := &r.Trials[i]
		total += second * len(t.Series)
		if t.Resources == nil {
			continue
		}
		for _, c := range t.Resources.Containers {
			if c.Series != nil {
				total += used * len(c.Series.OffsetSeconds)
			}
		}
		for _, n := range t.Resources.Nodes {
			if n.Series != nil {
				total += used * len(n.Series.OffsetSeconds)
			}
		}
	}
	return total
}

// withoutSeries is the report without what was recorded by the second; it shares
// all else.
func withoutSeries(r v1alpha1.Report) v1alpha1.Report {
	trials := make([]v1alpha1.Trial, len(r.Trials))
	for i, t := range r.Trials {
		t.Series = nil
		if t.Resources != nil {
			used := *t.Resources
			used.Containers = append([]v1alpha1.ContainerUsage(nil), used.Containers...)
			for k := range used.Containers {
				used.Containers[k].Series = nil
			}
			used.Nodes = append([]v1alpha1.NodeUsage(nil), used.Nodes...)
			for k := range used.Nodes {
				used.Nodes[k].Series = nil
			}
			t.Resources = &used
		}
		trials[i] = t
	}
	r.Trials = trials
	return r
}
