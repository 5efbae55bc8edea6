package main

import (
	"encoding/json"
	"fmt"

	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	tls "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
	"github.com/envoyproxy/go-control-plane/pkg/cache/types"
	"github.com/envoyproxy/go-control-plane/pkg/cache/v3"
	"github.com/envoyproxy/go-control-plane/pkg/resource/v3"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"sigs.k8s.io/yaml"

	// The types that the shapes name.
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/grpc_http1_bridge/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/grpc_stats/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/rbac/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/router/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/listener/original_dst/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/rbac/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/tcp_proxy/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/upstreams/http/v3"
)

// snapshotOf is what an Envoy is told, from its shape.
func snapshotOf(version string, config []byte, e *envoy) (*cache.Snapshot, error) {
	var parts struct{ Listeners, Clusters, Endpoints []json.RawMessage }
	data, err := yaml.YAMLToJSON(config)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &parts); err != nil {
		return nil, err
	}
	all := map[resource.Type][]types.Resource{resource.SecretType: secrets(e)}
	for _, kind := range []struct {
		of    resource.Type
		parts []json.RawMessage
		empty func() proto.Message
	}{
		{resource.ListenerType, parts.Listeners, func() proto.Message { return &listener.Listener{} }},
		{resource.ClusterType, parts.Clusters, func() proto.Message { return &cluster.Cluster{} }},
		{resource.EndpointType, parts.Endpoints, func() proto.Message { return &endpoint.ClusterLoadAssignment{} }},
	} {
		for _, part := range kind.parts {
			message := kind.empty()
			if err := protojson.Unmarshal(part, message); err != nil {
				return nil, fmt.Errorf("%s: %w", kind.of, err)
			}
			all[kind.of] = append(all[kind.of], message)
		}
	}
	return cache.NewSnapshot(version, all)
}

// secrets are the pod's identity and the CA, by the names that the shape gives them.
func secrets(e *envoy) []types.Resource {
	inline := func(data []byte) *core.DataSource {
		return &core.DataSource{Specifier: &core.DataSource_InlineBytes{InlineBytes: data}}
	}
	leaf, ca := e.Secrets()
	return []types.Resource{
		&tls.Secret{Name: leaf, Type: &tls.Secret_TlsCertificate{TlsCertificate: &tls.TlsCertificate{
			CertificateChain: inline(e.identity.Cert), PrivateKey: inline(e.identity.Key)}}},
		&tls.Secret{Name: ca, Type: &tls.Secret_ValidationContext{ValidationContext: &tls.CertificateValidationContext{
			TrustedCa: inline(e.identity.CA)}}},
	}
}
