package main

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"sync"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"github.com/envoyproxy/go-control-plane/pkg/cache/v3"
	server "github.com/envoyproxy/go-control-plane/pkg/server/v3"

	"github.com/meshbench/kubectl-meshbench/test/envoy/shape"
)

// known is what the control plane knows: the Envoys that asked, and the targets.
type known struct {
	mu        sync.Mutex
	snapshots cache.SnapshotCache
	envoys    map[string]*envoy
	// services are the targets' by namespace.
	services map[string][]shape.Service
	// issued are the CAs by shape.
	issued  map[string]*shape.CA
	version int
}

// envoy is one that asked.
type envoy struct {
	shape.Proxy
	identity shape.Identity
	// told is what it was told last.
	told string
}

func newKnown(snapshots cache.SnapshotCache) *known {
	return &known{snapshots: snapshots, envoys: map[string]*envoy{}, services: map[string][]shape.Service{},
		issued: map[string]*shape.CA{}}
}

// callbacks tell of each Envoy with its first request, of either variant of xDS.
func (k *known) callbacks(ctx context.Context) server.Callbacks {
	return server.CallbackFuncs{
		StreamRequestFunc: func(_ int64, r *discovery.DiscoveryRequest) error { return k.asked(ctx, r.GetNode()) },
		StreamDeltaRequestFunc: func(_ int64, r *discovery.DeltaDiscoveryRequest) error {
			return k.asked(ctx, r.GetNode())
		},
	}
}

func (k *known) asked(ctx context.Context, node *core.Node) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if node.GetId() == "" || k.envoys[node.GetId()] != nil {
		return nil
	}
	proxy, err := shape.ReadProxy(node.GetMetadata().AsMap())
	if err != nil {
		return fmt.Errorf("node %s: %w", node.GetId(), err)
	}
	ca := k.issued[proxy.Shape]
	if ca == nil {
		if ca, err = shape.NewCA(proxy.TrustDomain()); err != nil {
			return err
		}
		k.issued[proxy.Shape] = ca
	}
	e := &envoy{Proxy: proxy}
	if e.identity, err = ca.Issue(proxy); err != nil {
		return err
	}
	k.envoys[node.GetId()] = e
	return k.tell(ctx, node.GetId(), e)
}

// serve takes the targets' Services as they are now, and tells those whom it concerns.
func (k *known) serve(ctx context.Context, services map[string][]shape.Service) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.services = services
	for id, e := range k.envoys {
		if err := k.tell(ctx, id, e); err != nil {
			slog.Error("not told", "envoy", id, "error", err)
		}
	}
}

func (k *known) tell(ctx context.Context, id string, e *envoy) error {
	config, err := e.Config(k.services[e.Namespace])
	if err != nil {
		return err
	}
	if e.told == string(config) {
		return nil
	}
	k.version++
	snapshot, err := snapshotOf(strconv.Itoa(k.version), config, e)
	if err != nil {
		return fmt.Errorf("envoy %s: %w", id, err)
	}
	if err := k.snapshots.SetSnapshot(ctx, id, snapshot); err != nil {
		return err
	}
	e.told = string(config)
	return nil
}
