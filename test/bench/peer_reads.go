package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

const h2loadLog = "h2load.log"

// ours are the arguments of our worker; a rate of 0 is a closed loop.
func (p peers) ours(grpc bool, rate float64) func(string) []string {
	return func(address string) []string {
		spec := wire.LoadSpec{Version: wire.Version, Trial: "peers", Clients: 1, Protocol: v1alpha1.ProtocolHTTP1,
			Connections: connections, Target: address, Rate: v1alpha1.Rate(rate),
			Warmup: metav1.Duration{Duration: time.Second / 2}, Window: metav1.Duration{Duration: p.window},
			RequestTimeout: metav1.Duration{Duration: 10 * time.Second},
			ReadyTimeout:   metav1.Duration{Duration: 5 * time.Second}}
		if grpc {
			spec.Protocol = v1alpha1.ProtocolGRPC
		}
		if rate > 0 {
			spec.Connections = peerConnections
		}
		text, err := json.Marshal(spec)
		if err != nil {
			return nil // of a struct of texts and numbers, which cannot fail
		}
		return []string{"load", "--spec", string(text)}
	}
}

func readOurs(out []byte) (outcome, error) {
	r, err := resultOf(out, wire.Key{})
	if err != nil {
		return outcome{}, err
	}
	h, err := stats.FromAPI(r.Load.Latency())
	if err != nil {
		return outcome{}, err
	}
	o := outcome{perSecond: throughput(r), seconds: map[float64]float64{}}
	for _, q := range peerQuantiles() {
		o.seconds[q] = h.Quantile(q).Seconds()
	}
	return o, nil
}

func readFortio(out []byte) (outcome, error) {
	var r struct {
		ActualQPS         float64
		DurationHistogram struct {
			Percentiles []struct{ Percentile, Value float64 }
		}
	}
	if err := json.Unmarshal(out, &r); err != nil {
		return outcome{}, err
	}
	o := outcome{perSecond: r.ActualQPS, seconds: map[float64]float64{}}
	for _, p := range r.DurationHistogram.Percentiles {
		o.seconds[math.Round(1e3*p.Percentile)/1e5] = p.Value
	}
	return o, nil
}

// readWrk reads what wrk --latency prints, which ends at p99.
func readWrk(out []byte) (outcome, error) {
	o := outcome{seconds: map[float64]float64{}}
	rate := regexp.MustCompile(`Requests/sec:\s+([0-9.]+)`).FindSubmatch(out)
	if rate == nil {
		return o, fmt.Errorf("wrk says %s", out)
	}
	var err error
	if o.perSecond, err = strconv.ParseFloat(string(rate[1]), 64); err != nil {
		return o, err
	}
	for _, line := range regexp.MustCompile(`(?m)^\s+(50|99)%\s+(\S+)$`).FindAllSubmatch(out, -1) {
		d, err := time.ParseDuration(string(line[2]))
		if err != nil {
			return o, err
		}
		q, err := strconv.ParseFloat(string(line[1]), 64)
		if err != nil {
			return o, err
		}
		o.seconds[q/100] = d.Seconds()
	}
	return o, nil
}

// readHey reads a line for each request, its first column in seconds.
func (p peers) readHey(out []byte) (outcome, error) { return p.column(out, ',', 0, 1) }

// readVegeta reads lines whose third column is in nanoseconds.
func (p peers) readVegeta(out []byte) (outcome, error) { return p.column(out, ',', 2, 1e-9) }

// readH2load reads the log of requests, whose third column is in microseconds.
func (p peers) readH2load([]byte) (outcome, error) {
	out, err := os.ReadFile(filepath.Join(p.scratch, h2loadLog))
	if err != nil {
		return outcome{}, err
	}
	return p.column(out, '\t', 2, 1e-6)
}

// column reads latencies of a column of a table, in a unit of so many seconds. The
// first line may name the columns.
func (p peers) column(text []byte, comma rune, at int, unit float64) (outcome, error) {
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = comma, -1, true
	lines, err := r.ReadAll()
	if err != nil {
		return outcome{}, err
	}
	var samples []float64
	for i, line := range lines {
		if len(line) <= at {
			return outcome{}, fmt.Errorf("line %d has %d columns", i+1, len(line))
		}
		v, err := strconv.ParseFloat(line[at], 64)
		if err != nil {
			if i == 0 {
				continue
			}
			return outcome{}, err
		}
		samples = append(samples, v*unit)
	}
	if len(samples) == 0 {
		return outcome{}, errors.New("it told of no request")
	}
	return outcome{perSecond: float64(len(samples)) / p.window.Seconds(), seconds: quantilesOf(samples)}, nil
}
