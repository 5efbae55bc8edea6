// Package foreign reads results of other load generators, so that old ones and
// published ones can be set beside a run of today. They are marked as what they
// are: nobody knows which mesh was in the path, nothing is paired, and a single
// result has no interval. It is pure.
package foreign

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
)

// Result is one result of fortio.
type Result struct {
	// Label is what fortio was told to call it; From is the file.
	Label     string    `json:"label,omitempty"`
	From      string    `json:"from"`
	Kind      string    `json:"kind"`
	StartedAt time.Time `json:"startedAt"`
	// Requested is the rate as fortio was asked for it, such as "max".
	Requested   string  `json:"requested"`
	Connections int     `json:"connections"`
	Seconds     float64 `json:"seconds"`
	// PerSecond counts failed requests too, as fortio does.
	PerSecond float64 `json:"perSecond"`
	Requests  int64   `json:"requests"`
	// FailedRatio is the share of requests that did not return 200 or SERVING; nil
	// where the codes are not there.
	FailedRatio *float64 `json:"failedRatio,omitempty"`
	// Percentiles are service times by name, each known to lie in a bucket of
	// fortio's, which are coarse; those that fewer than ten samples lie above are not
	// among them.
	Percentiles map[string]Percentile `json:"percentiles"`
}

// Percentile is interpolated within its bucket, as fortio does.
type Percentile struct {
	Seconds     float64 `json:"seconds"`
	LowSeconds  float64 `json:"lowSeconds"`
	HighSeconds float64 `json:"highSeconds"`
}

// Caveat is what every table of foreign results has to say.
const Caveat = "Results of fortio: nothing is paired, nothing is known of the mesh, the nodes or the path, " +
	"latency counts from when a request was sent, and a single result has no interval. A ratio is one of two " +
	"figures, whatever else differed."

// document is what is read of fortio's JSON.
type document struct {
	RunType, Labels, RequestedQPS string
	StartTime                     time.Time
	ActualQPS                     float64
	ActualDuration                int64
	NumThreads                    int
	DurationHistogram             *struct {
		Count int64
		Data  []bucket
	}
	RetCodes map[string]int64
}

type bucket struct {
	Start, End float64
	Count      int64
}

// Fortio reads one result, or an array of them.
func Fortio(data []byte, from string) ([]Result, error) {
	data = bytes.TrimSpace(data)
	var all []document
	if bytes.HasPrefix(data, []byte("[")) {
		if err := json.Unmarshal(data, &all); err != nil {
			return nil, fmt.Errorf("%s: no JSON of fortio: %w", from, err)
		}
	} else {
		var one document
		if err := json.Unmarshal(data, &one); err != nil {
			return nil, fmt.Errorf("%s: no JSON of fortio: %w", from, err)
		}
		all = []document{one}
	}
	var out []Result
	for i, d := range all {
		r, err := d.result(from)
		if err != nil {
			return nil, fmt.Errorf("%s: result %d: %w", from, i+1, err)
		}
		out = append(out, r)
	}
	return out, nil
}

func (d document) result(from string) (Result, error) {
	if d.DurationHistogram == nil || d.RunType == "" {
		return Result{}, errors.New("it has no RunType and DurationHistogram, as a result of fortio does")
	}
	r := Result{Label: d.Labels, From: from, Kind: d.RunType, StartedAt: d.StartTime, Requested: d.RequestedQPS,
		Connections: d.NumThreads, Seconds: time.Duration(d.ActualDuration).Seconds(), PerSecond: d.ActualQPS,
		Percentiles: map[string]Percentile{}}
	before := math.Inf(-1)
	for _, b := range d.DurationHistogram.Data {
		if b.Count < 0 || !(b.Start >= before) || !(b.End >= b.Start) || math.IsInf(b.End, 0) {
			return Result{}, errors.New("its histogram has buckets that are none")
		}
		r.Requests += b.Count
		before = b.Start
	}
	if r.Requests != d.DurationHistogram.Count || r.Requests < 0 || !(r.PerSecond >= 0) {
		return Result{}, fmt.Errorf("its buckets hold %d requests, its count says %d", r.Requests, d.DurationHistogram.Count)
	}
	for _, m := range metric.Latencies() {
		if m.Quantile == 0 || r.Requests < m.Needs() {
			continue
		}
		r.Percentiles[string(m.Name)] = percentile(d.DurationHistogram.Data, r.Requests, m.Quantile)
	}
	if len(d.RetCodes) > 0 {
		var good, all int64
		for code, n := range d.RetCodes {
			all += n
			if code == "200" || code == "SERVING" {
				good += n
			}
		}
		if all > 0 {
			failed := float64(all-good) / float64(all)
			r.FailedRatio = &failed
		}
	}
	return r, nil
}

// percentile interpolates as fortio does: the first bucket begins with its smallest
// sample, and so one sample lies at its start.
func percentile(all []bucket, count int64, q float64) Percentile {
	want, seen := q*float64(count), 0.0
	for _, b := range all {
		n := float64(b.Count)
		if n > 0 && seen+n >= want {
			share := (want - seen) / n
			if seen == 0 && n > 1 {
				share = max(0, (want-1)/(n-1))
			}
			return Percentile{Seconds: b.Start + (b.End-b.Start)*share, LowSeconds: b.Start, HighSeconds: b.End}
		}
		seen += n
	}
	return Percentile{}
}
