package target

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"fortio.org/fortio/fgrpc"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// ask asks the next target what it sees of this one, if the probe at hand is the
// run's own and carries a chain that goes on; else the probe is nil. A hop that does
// not answer fails the probe: load begins when the whole way is there.
func (n *onward) ask(ctx context.Context, p v1alpha1.Protocol, challenge, chain string, own bool) (*wire.Probe, error) {
	if chain == "" {
		return nil, nil
	}
	c, err := wire.ParseChain(chain)
	if err == nil {
		err = n.allows(&c, own)
	}
	if err != nil || !c.GoesOn() {
		return nil, err
	}
	var seen *wire.Probe
	if p == v1alpha1.ProtocolGRPC {
		seen, err = n.askGRPC(ctx, challenge, c.Next())
	} else {
		seen, err = n.askWeb(ctx, p, challenge, c.Next())
	}
	if err != nil {
		return nil, fmt.Errorf("next hop: %w", err)
	}
	return seen, nil
}

func (n *onward) askWeb(ctx context.Context, p v1alpha1.Protocol, challenge string, next wire.Chain) (*wire.Probe,
	error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+n.Addresses[p]+wire.PathProbe, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set(wire.MetadataProbe, challenge)
	request.Header.Set(wire.MetadataChain, next.String())
	response, err := n.clients[p].Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	body := io.LimitReader(response.Body, wire.MaxFrameBytes)
	if response.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(io.LimitReader(body, maxSaid))
		return nil, fmt.Errorf("status %d: %s", response.StatusCode, strings.TrimSpace(string(said)))
	}
	var seen wire.Probe
	if err := json.NewDecoder(body).Decode(&seen); err != nil {
		return nil, fmt.Errorf("no answer of ours: %w", err)
	}
	seen.Answered(response.Header)
	return &seen, nil
}

func (n *onward) askGRPC(ctx context.Context, challenge string, next wire.Chain) (*wire.Probe, error) {
	var header metadata.MD
	answer, err := fgrpc.NewPingServerClient(n.calls).Ping(metadata.AppendToOutgoingContext(ctx,
		wire.MetadataProbe, challenge, wire.MetadataChain, next.String()), &fgrpc.PingMessage{}, grpc.Header(&header))
	if err != nil {
		return nil, err
	}
	var seen wire.Probe
	if err := json.Unmarshal([]byte(answer.GetPayload()), &seen); err != nil {
		return nil, fmt.Errorf("no answer of ours: %w", err)
	}
	seen.Answered(header)
	return &seen, nil
}
