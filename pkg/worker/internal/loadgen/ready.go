package loadgen

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"fortio.org/fortio/fgrpc"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/pkg/worker/internal/target"
)

const (
	probePause   = 50 * time.Millisecond
	probeTimeout = 2 * time.Second
)

// awaitTarget asks the target what it sees of us until it answers: a proxy
// beside us, or the name of the Service, may come up later than we do. What
// fails meanwhile is no data.
func awaitTarget(ctx context.Context, s wire.LoadSpec) (wire.Probe, error) {
	waiting, stop := context.WithTimeout(ctx, max(s.ReadyTimeout.Duration, probeTimeout))
	defer stop()
	var last error
	for {
		probe, err := ask(waiting, s)
		if err == nil {
			return probe, nil
		}
		if waiting.Err() == nil {
			last = err
		}
		select {
		case <-waiting.Done():
			if ctx.Err() != nil { // somebody stops us: the target is not to blame
				return wire.Probe{}, fmt.Errorf("target %s had not answered yet: %w", s.Target, context.Cause(ctx))
			}
			return wire.Probe{},
				fmt.Errorf("target %s did not answer within %s: %w", s.Target, s.ReadyTimeout.Duration,
					cmp.Or(last, context.Cause(waiting)))
		case <-time.After(probePause):
		}
	}
}

func ask(ctx context.Context, s wire.LoadSpec) (wire.Probe, error) {
	ctx, stop := context.WithTimeout(ctx, probeTimeout)
	defer stop()
	switch s.Protocol {
	case v1alpha1.ProtocolGRPC:
		return askGRPC(ctx, workloadOf(s))
	case v1alpha1.ProtocolH2C:
		h := newH2C(workloadOf(s))
		defer h.close()
		return askHTTP(ctx, h.client, s.Target)
	default:
		transport := &http.Transport{DisableKeepAlives: true}
		return askHTTP(ctx, &http.Client{Transport: transport}, s.Target)
	}
}

func askHTTP(ctx context.Context, client *http.Client, address string) (wire.Probe, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/meshbench/probe", nil)
	if err != nil {
		return wire.Probe{}, err
	}
	response, err := client.Do(request)
	if err != nil {
		return wire.Probe{}, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return wire.Probe{}, fmt.Errorf("the probe got %s", response.Status)
	}
	var p wire.Probe
	if err := json.NewDecoder(io.LimitReader(response.Body, wire.MaxFrameBytes)).Decode(&p); err != nil {
		return wire.Probe{}, fmt.Errorf("the probe got no answer of ours: %w", err)
	}
	p.ServerHeader = response.Header.Get("Server")
	for _, name := range slices.Sorted(maps.Keys(response.Header)) {
		p.ResponseHeaders = append(p.ResponseHeaders, strings.ToLower(name))
	}
	return p, nil
}

func askGRPC(ctx context.Context, w workload) (wire.Probe, error) {
	g := &grpcCall{work: w}
	if err := g.connect(); err != nil {
		return wire.Probe{}, err
	}
	defer g.close()
	var header metadata.MD
	answer, err := fgrpc.NewPingServerClient(g.connection).Ping(metadata.AppendToOutgoingContext(ctx, target.ProbeKey,
		"1"), &fgrpc.PingMessage{}, grpc.Header(&header))
	if err != nil {
		return wire.Probe{}, err
	}
	var p wire.Probe
	if err := json.Unmarshal([]byte(answer.GetPayload()), &p); err != nil {
		return wire.Probe{}, errors.Join(errors.New("the probe got no answer of ours"), err)
	}
	if server := header.Get("server"); len(server) > 0 {
		p.ServerHeader = server[0]
	}
	p.ResponseHeaders = slices.Sorted(maps.Keys(header)) // metadata has lower-case keys
	return p, nil
}
