package v1alpha1

// Factors hold one or more values each; several values are a sweep. In a
// document a single value may be written without brackets.
type Factors struct {
	// Protocol is http1 (default), h2c or grpc.
	Protocol Values[Protocol] `json:"protocol,omitempty"`
	// Rate is "max" (closed loop, default) or requests per second over all
	// connections of the trial (open schedule), at least one in a window.
	Rate Values[Rate] `json:"rate,omitempty"`
	// Connections is the number of connections of the whole trial, divided
	// over its load pods. 1 to 10,000, default 32.
	Connections Values[int] `json:"connections,omitempty"`
	// Clients is the number of load pods that share the trial's load. 1 to 64, default 1.
	Clients Values[int] `json:"clients,omitempty"`
	// Placement of load pods relative to target pods: cross-node (default) or same-node;
	// any, and nothing else, where a Service of the user's is called.
	Placement Values[Placement] `json:"placement,omitempty"`
	// Replicas is the number of target pods behind the target's Service. 1 (default)
	// to 64. All of a run's are there from its beginning; a level's Service has the
	// first so many of them.
	Replicas Values[int] `json:"replicas,omitempty"`
	// RequestBytes is the size of a request's body. 0 (default) to 16 MiB.
	RequestBytes Values[int64] `json:"requestBytes,omitempty"`
	// ResponseBytes is the size of a response's body. 0 (default) to 16 MiB.
	ResponseBytes Values[int64] `json:"responseBytes,omitempty"`
	// RequestsPerConnection closes a connection after so many requests. 0
	// (default) keeps it for the whole trial.
	RequestsPerConnection Values[int] `json:"requestsPerConnection,omitempty"`
	// ServerDelay is how long the target waits before it answers. 0 (default) to 1
	// minute, and less than the timeout of a request.
	ServerDelay Values[Duration] `json:"serverDelay,omitempty"`
	// SlowRatio is the share of the requests that ServerDelay is for, 0 to 1; all
	// of them (1) by default. The target draws as for ErrorRatio.
	SlowRatio Values[float64] `json:"slowRatio,omitempty"`
	// ErrorRatio is the share of the requests that the target fails, with status
	// 503 or gRPC's UNAVAILABLE. 0 (default) to 1. The target draws for each
	// request that arrives, by a hash of how many arrived in the trial before it:
	// a retry has another number, and so a draw of its own. The hash's seed is one
	// for all arms of a round, so that they have the same draws.
	ErrorRatio Values[float64] `json:"errorRatio,omitempty"`
	// Hops is how many targets a request goes through, one after the other, each
	// reached by a Service of its own. 1 (default) to 16.
	Hops Values[int] `json:"hops,omitempty"`
	// FanOut is how often the first target calls the second at once, for each request;
	// it answers when all have. 1 (default) to 32; more than 1 goes with at least 2 hops.
	FanOut Values[int] `json:"fanOut,omitempty"`
}

// Level is one setting of all factors. It has no defaults left to fill.
type Level struct {
	// ID names the level within its experiment, e.g. "rate=100"; "default"
	// where nothing is swept.
	ID          string    `json:"id"`
	Protocol    Protocol  `json:"protocol"`
	Rate        Rate      `json:"rate"`
	Connections int       `json:"connections"`
	Clients     int       `json:"clients"`
	Placement   Placement `json:"placement"`
	// Replicas is 0 in reports of releases that had one target always.
	Replicas int `json:"replicas"`
	Request  `json:",inline"`
}

// Request is what a level asks of every request and its connection. It goes as
// it is from the document to the worker that sends it.
type Request struct {
	RequestBytes          int64    `json:"requestBytes"`
	ResponseBytes         int64    `json:"responseBytes"`
	RequestsPerConnection int      `json:"requestsPerConnection"`
	ServerDelay           Duration `json:"serverDelay"`
	SlowRatio             float64  `json:"slowRatio"`
	ErrorRatio            float64  `json:"errorRatio"`
	// Hops and FanOut are 0 in reports of releases without chains.
	Hops   int `json:"hops"`
	FanOut int `json:"fanOut"`
}

// Chained reports whether targets call others.
func (r Request) Chained() bool { return r.Hops > 1 }

// Drawn reports whether the target draws which requests fail or are slow.
func (r Request) Drawn() bool {
	return r.ErrorRatio > 0 || r.ServerDelay.Duration > 0 && r.SlowRatio < 1
}
