package wire

import (
	"fmt"
	"slices"
)

// ProxyCounters say what a worker reads of the proxy in its own pod, over
// loopback: both share the pod's network, so it takes no permission.
type ProxyCounters struct {
	Port int32  `json:"port"`
	Path string `json:"path"`
	// Requests counts HTTP and gRPC requests.
	Requests Counter `json:"requests"`
	// MTLSLabel and MTLSValue tell the series of Requests that went through
	// mutual TLS; both are empty where no label tells.
	MTLSLabel string `json:"mtlsLabel,omitempty"`
	MTLSValue string `json:"mtlsValue,omitempty"`
	// Connections counts those that the proxy passes on without looking for
	// requests, and maybe others too; nil where nothing counts them.
	Connections *Counter `json:"connections,omitempty"`
}

// Counter names the series that are added up: all that have these labels.
type Counter struct {
	Name   string            `json:"name"`
	Labels map[string]string `json:"labels,omitempty"`
}

// ProxyReading is what a proxy had counted at one instant.
type ProxyReading struct {
	// Requests is nil where the proxy could not be read, and 0 where it has no
	// such counter, or not yet; Unread says why in both cases.
	Requests *int64 `json:"requests,omitempty"`
	// MutualTLS is the part of Requests that went through mutual TLS, and Plain
	// the part that did not; what the label calls unknown is in neither. Both are
	// nil where no label tells.
	MutualTLS *int64 `json:"mutualTLS,omitempty"`
	Plain     *int64 `json:"plain,omitempty"`
	// Connections is nil where the proxy has no such counter, or not yet.
	Connections *int64 `json:"connections,omitempty"`
	Unread      string `json:"unread,omitempty"`
	// Series names the series that Requests adds up, by a hash of their labels.
	// A load worker compares them and keeps none.
	Series []string `json:"series,omitempty"`
}

// Between compares two readings of one proxy. The later one is unread where
// series that the earlier one added up are gone: they expired, or the proxy
// started anew, and what is left is no count of what came in between.
func Between(before, after ProxyReading) ProxyInterval {
	gone := 0
	for _, s := range before.Series {
		if !slices.Contains(after.Series, s) {
			gone++
		}
	}
	if gone > 0 && after.Unread == "" {
		after = ProxyReading{Unread: fmt.Sprintf("%d of the %d series that were counted before are gone: "+
			"they expired, or the proxy started anew", gone, len(before.Series))}
	}
	before.Series, after.Series = nil, nil
	return ProxyInterval{Before: before, After: after}
}

// Counts are what proxies had counted before a load worker's first request and
// after its last answer, so that nothing was under way at either.
type Counts struct {
	// Sent is the number of requests in between, with those of the warm-up and
	// those that failed.
	Sent    int64   `json:"sent"`
	Seconds float64 `json:"seconds"`
	// Client is the proxy beside the load worker, Server the one beside the
	// target; nil where there was nothing to read.
	Client *ProxyInterval `json:"client,omitempty"`
	Server *ProxyInterval `json:"server,omitempty"`
}

// ProxyInterval is the readings at both ends.
type ProxyInterval struct {
	Before ProxyReading `json:"before"`
	After  ProxyReading `json:"after"`
}

// TargetCount is what the target had received before a load worker's first
// request and after its last answer, with what other workers sent meanwhile.
type TargetCount struct {
	// Sent is the number of this worker's requests in between.
	Sent   int64  `json:"sent"`
	Before Served `json:"before"`
	After  Served `json:"after"`
	// Impostor says who answered instead of the target; the counts are then nobody's.
	Impostor string `json:"impostor,omitempty"`
}
