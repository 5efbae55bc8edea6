package loadgen

import (
	"net/netip"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// Whatever the two workers write to each other must be on the list by which a
// baseline is judged, or every baseline would be found to have a proxy.
func TestBothWorkersWriteOwnHeadersOnly(t *testing.T) {
	http, grpc := startTarget(t)
	for protocol, address := range map[v1alpha1.Protocol]string{
		v1alpha1.ProtocolHTTP1: http, v1alpha1.ProtocolH2C: http, v1alpha1.ProtocolGRPC: grpc,
	} {
		s := spec(address)
		s.Protocol = protocol
		p, err := ask(t.Context(), s, nil, netip.MustParseAddrPort(address))
		if err != nil {
			t.Fatalf("%s: %v", protocol, err)
		}
		if len(p.Headers) == 0 || len(p.ResponseHeaders) == 0 || (p.Protocol == wire.ProtocolSeenGRPC) !=
			(protocol == v1alpha1.ProtocolGRPC) {
			t.Errorf("%s: the probe is %+v", protocol, p)
		}
		for _, name := range p.Headers {
			if !wire.OwnRequestHeader(name) {
				t.Errorf("%s: request header %s is not on the list", protocol, name)
			}
		}
		for _, name := range p.ResponseHeaders {
			if !wire.OwnResponseHeader(name) {
				t.Errorf("%s: response header %s is not on the list", protocol, name)
			}
		}
	}
	for _, foreign := range []string{"x-request-id", "via", "server", "x-forwarded-for", "traceparent"} {
		if wire.OwnRequestHeader(foreign) || wire.OwnResponseHeader(foreign) {
			t.Errorf("%s passes for ours", foreign)
		}
	}
}
