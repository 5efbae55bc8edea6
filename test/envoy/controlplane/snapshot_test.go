package main

import (
	"testing"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	"github.com/envoyproxy/go-control-plane/pkg/cache/v3"
	"github.com/envoyproxy/go-control-plane/pkg/resource/v3"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/meshbench/kubectl-meshbench/test/envoy/shape"
)

// Envoys of both shapes are told what there is, in Envoy's own types, when they ask
// and whenever it changes; those of other namespaces are not.
func TestEnvoysAreToldOfTheirTargets(t *testing.T) {
	snapshots := cache.NewSnapshotCache(true, cache.IDHash{}, nil)
	k := newKnown(snapshots)
	for _, kind := range []string{shape.AsKuma, shape.AsConsul} {
		for _, side := range []string{shape.Load, shape.Target} {
			node, err := structpb.NewStruct(map[string]any{"shape": kind, "side": side, "namespace": "shop",
				"address": "10.0.0.9", "port": 8079, "settings": map[string]any{"retries": 5}})
			if err != nil {
				t.Fatal(err)
			}
			id := kind + side
			if err := k.asked(t.Context(), &core.Node{Id: id, Metadata: node}); err != nil {
				t.Fatal(err)
			}
			told := func(services map[string][]shape.Service) (version string, endpoints int) {
				k.serve(t.Context(), services)
				snapshot, err := snapshots.GetSnapshot(id)
				if err != nil {
					t.Fatal(err)
				}
				if s, ok := snapshot.(*cache.Snapshot); !ok || s.Consistent() != nil {
					t.Errorf("%s: what it is told does not hold together: %v", id, s.Consistent())
				}
				return snapshot.GetVersion(resource.ClusterType), len(snapshot.GetResources(resource.EndpointType))
			}
			none, zero := told(nil)
			shop := []shape.Service{{Name: "target", Address: "10.1.0.1", Port: 8079, Endpoints: []string{"10.0.0.7"}}}
			one, first := told(map[string][]shape.Service{"shop": shop})
			same, second := told(map[string][]shape.Service{"shop": shop, "other": {{Name: "other", Address: "10.1.0.2",
				Port: 8080}}})
			if zero != 0 || first != 1 || second != 1 || none == one || one != same {
				t.Errorf("%s was told %s %d, %s %d, %s %d", id, none, zero, one, first, same, second)
			}
		}
	}
	if err := k.asked(t.Context(), &core.Node{Id: "stranger"}); err == nil {
		t.Error("an Envoy that says nothing of itself is told something")
	}
}
