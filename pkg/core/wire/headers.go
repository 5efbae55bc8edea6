package wire

import (
	"slices"
	"strings"
)

// ProtocolSeenGRPC is Probe.Protocol where the probe came by gRPC.
const ProtocolSeenGRPC = "gRPC"

// OwnRequestHeader reports whether a load worker's probe carries a header of
// this name, lower case, by itself. Any other was added on the way.
func OwnRequestHeader(name string) bool {
	return strings.HasPrefix(name, ":") || slices.Contains([]string{
		"accept-encoding", "connection", "content-length", "content-type", "grpc-accept-encoding", "grpc-timeout", "host",
		MetadataChain, MetadataProbe, "te", "user-agent",
	}, name)
}

// Answered keeps of the answer to a probe which headers it had, and who says to have
// served it: names may be in any case.
func (p *Probe) Answered(header map[string][]string) {
	p.ResponseHeaders, p.ServerHeader = nil, ""
	for name, values := range header {
		lower := strings.ToLower(name)
		p.ResponseHeaders = append(p.ResponseHeaders, lower)
		if lower == "server" && len(values) > 0 {
			p.ServerHeader = values[0]
		}
	}
	slices.Sort(p.ResponseHeaders)
}

// OwnResponseHeader is OwnRequestHeader for a target's answer to a probe.
func OwnResponseHeader(name string) bool {
	return strings.HasPrefix(name, ":") || slices.Contains([]string{
		"connection", "content-length", "content-type", "date", "grpc-accept-encoding", "grpc-encoding",
		"transfer-encoding",
	}, name)
}
