package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

const connections = 32

// workerLoad runs our load worker to its end.
func (b *bench) workerLoad(ctx context.Context, change func(*wire.LoadSpec)) (wire.Result, error) {
	spec := wire.LoadSpec{
		Version: wire.Version, Trial: "bench", Clients: 1, Protocol: v1alpha1.ProtocolHTTP1, Connections: connections,
		Warmup:         metav1.Duration{Duration: time.Second / 2},
		Window:         metav1.Duration{Duration: b.window},
		RequestTimeout: metav1.Duration{Duration: 10 * time.Second},
		ReadyTimeout:   metav1.Duration{Duration: 5 * time.Second},
	}
	change(&spec)
	text, err := json.Marshal(spec)
	if err != nil {
		return wire.Result{}, err
	}
	out, err := output(pinned(ctx, b.clientCPU, b.worker, "load", "--spec", string(text)))
	if err != nil {
		return wire.Result{}, err
	}
	return resultOf(out, spec.Key)
}

// resultOf is what a load worker printed, without a failed request.
func resultOf(out []byte, key wire.Key) (wire.Result, error) {
	r, err := lastResult(out, key)
	if err != nil {
		return r, err
	}
	if n := r.Load.Failed(); n > 0 {
		return r, fmt.Errorf("%d requests failed: %v", n, r.Load.Errors)
	}
	return r, nil
}

// lastResult is what a load worker printed.
func lastResult(out []byte, key wire.Key) (wire.Result, error) {
	frames := wire.NewReader(bytes.NewReader(out), key)
	for {
		f, err := frames.Next()
		if errors.Is(err, io.EOF) {
			return wire.Result{}, errors.New("the worker has no result")
		}
		if err != nil {
			return wire.Result{}, err
		}
		if f.Result != nil {
			return *f.Result, nil
		}
	}
}

func throughput(r wire.Result) float64 { return float64(r.Load.Requests) / r.Window.Seconds }

func (b *bench) workerThroughput(protocol v1alpha1.Protocol, address string) func(context.Context) (float64, error) {
	return func(ctx context.Context) (float64, error) {
		r, err := b.workerLoad(ctx, func(s *wire.LoadSpec) { s.Protocol, s.Target = protocol, address })
		return throughput(r), err
	}
}

func (b *bench) wrk(url string) func(context.Context) (float64, error) {
	rate := regexp.MustCompile(`Requests/sec:\s+([0-9.]+)`)
	return func(ctx context.Context) (float64, error) {
		out, err := output(pinned(ctx, b.clientCPU, "wrk", "-t", "1", "-c", strconv.Itoa(connections),
			"-d", strconv.Itoa(int(max(b.window, time.Second).Seconds()))+"s", url))
		if err != nil {
			return 0, err
		}
		found := rate.FindSubmatch(out)
		if found == nil || bytes.Contains(out, []byte("Non-2xx")) || bytes.Contains(out, []byte("Socket errors")) {
			return 0, fmt.Errorf("wrk says %s", out)
		}
		return strconv.ParseFloat(string(found[1]), 64)
	}
}

// fortio runs fortio's runner in a process of its own.
func (b *bench) fortio(role, destination string) func(context.Context) (float64, error) {
	return func(ctx context.Context) (float64, error) {
		self, err := os.Executable()
		if err != nil {
			return 0, err
		}
		out, err := output(pinned(ctx, b.clientCPU, self, role, "-t", b.window.String(), "-c", strconv.Itoa(connections),
			destination))
		if err != nil {
			return 0, err
		}
		return strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	}
}
