package wire

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
	// MutualTLS is the part of Requests that went through mutual TLS; nil where
	// no label tells.
	MutualTLS   *int64 `json:"mutualTLS,omitempty"`
	Connections *int64 `json:"connections,omitempty"`
	Unread      string `json:"unread,omitempty"`
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
