package mesh

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// headers looks at what proxies added to the probes. Some meshes add them to
// HTTP only, so gRPC's probes count only where there are no others.
func (v *verification) headers(proofs []HeaderProof) {
	probes := telling(v.seen.Probes)
	total := len(probes)
	for _, proof := range proofs {
		with := 0
		for _, p := range probes {
			if proof.in(p) {
				with++
			}
		}
		if with == 0 {
			continue
		}
		v.say("%d of %d probes had %s", with, total, proof)
		if with < total {
			continue
		}
		v.doubt = false // the proxy was met, whatever the annotations say
		v.client.shown = v.client.shown || proof.Shows != ShowsServer
		v.server.shown = v.server.shown || proof.Shows != ShowsClient
		if proof.MTLS {
			v.proved = true
			v.mtlsEvidence = append(v.mtlsEvidence,
				fmt.Sprintf("%d of %d probes had %s, which names the peer that mutual TLS proved", with, total, proof))
		}
	}
}

// telling are the probes over HTTP, or all where there is none.
func telling(probes []v1alpha1.Probe) []v1alpha1.Probe {
	http := slices.DeleteFunc(slices.Clone(probes), func(p v1alpha1.Probe) bool { return !overHTTP(p) })
	if len(http) == 0 {
		return probes
	}
	return http
}

func overHTTP(p v1alpha1.Probe) bool { return p.Seen != wire.ProtocolSeenGRPC }

func (h HeaderProof) in(p v1alpha1.Probe) bool {
	names := p.RequestHeaders
	if h.In == InResponse {
		names = p.ResponseHeaders
	}
	return slices.Contains(names, h.Name) && (h.Value == "" || strings.EqualFold(p.ServerHeader, h.Value))
}

// String is how evidence names the header.
func (h HeaderProof) String() string {
	text := fmt.Sprintf("%s header %s", h.In, h.Name)
	if h.Value != "" {
		text += ": " + h.Value
	}
	return text
}

// foreign names the headers of the probes that neither worker writes, and an
// address that no load pod has.
func (v *verification) foreign() bool {
	found := map[string]int{}
	loopback := map[string]bool{}
	for _, p := range v.seen.Probes {
		for _, name := range p.RequestHeaders {
			if !wire.OwnRequestHeader(name) {
				found["request header "+name]++
			}
		}
		for _, name := range p.ResponseHeaders {
			switch {
			case wire.OwnResponseHeader(name), v.seen.OthersAnswer:
			case name == headerServer && p.ServerHeader != "":
				found[fmt.Sprintf("response header %s: %s", name, shortened(p.ServerHeader))]++
			default:
				found["response header "+name]++
			}
		}
		if address, err := netip.ParseAddr(p.RemoteAddress); err == nil && address.IsLoopback() {
			loopback[p.RemoteAddress] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		v.say("%d of %d probes had %s, which neither the load pod nor the target writes", found[name], len(v.seen.Probes),
			name)
	}
	for _, address := range slices.Sorted(maps.Keys(loopback)) {
		v.server.shown = true
		v.say("the target saw requests come from its own loopback, %s: something beside it hands them on", address)
	}
	return len(found)+len(loopback) > 0
}
