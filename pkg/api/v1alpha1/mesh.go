package v1alpha1

// DataPlane is what is known of an arm's mesh: which one it is, whether
// requests really went through it, and how it was set up. It is read from
// pods, answers and the cluster; labels alone prove nothing.
type DataPlane struct {
	// Mesh is the id of the mesh in the catalogue; empty if there is none, or
	// if it is not known which.
	Mesh       string     `json:"mesh,omitempty"`
	Confidence Confidence `json:"confidence"`
	// Told is set if the namespace's annotation names the mesh.
	Told bool `json:"told,omitempty"`
	// Candidates are the meshes that it may be, where that is not certain.
	Candidates   []string `json:"candidates,omitempty"`
	Architecture string   `json:"architecture,omitempty"`
	// Variants are the distribution or managed offer of the mesh that this is, and
	// what is added to it, by name; empty for the mesh itself, and where nothing tells.
	Variants []string `json:"variants,omitempty"`
	// Evidence are sentences that the above was concluded from.
	Evidence []string `json:"evidence,omitempty"`
	// Versions are empty where they cannot be read.
	ControlPlaneVersion string `json:"controlPlaneVersion,omitempty"`
	DataPlaneVersion    string `json:"dataPlaneVersion,omitempty"`
	// Path says whether requests went through the data plane; PathEvidence why.
	Path         Path     `json:"path"`
	PathEvidence []string `json:"pathEvidence,omitempty"`
	// MTLS says whether they were encrypted with both ends authenticated.
	MTLS         Answer   `json:"mtls"`
	MTLSEvidence []string `json:"mtlsEvidence,omitempty"`
	// Layer says how far the mesh looks into the requests of an arm whose mesh has
	// waypoints; empty for other meshes, and where no probe tells.
	Layer Layer `json:"layer,omitempty"`
	// WaypointAsked is set where the namespace asks for a waypoint.
	WaypointAsked bool `json:"waypointAsked,omitempty"`
	// OwnContainers are the names of the injected containers that are the mesh's:
	// its proxy, and what sets it up.
	OwnContainers []string `json:"ownContainers,omitempty"`
	// Notes are what a reader of this mesh's figures should know.
	Notes []string `json:"notes,omitempty"`
	// Proxies are the settings of the proxies, one entry per kind of pod.
	Proxies []ProxySettings `json:"proxies,omitempty"`
	// Unread names what could not be read of the cluster, and why.
	Unread []string `json:"unread,omitempty"`
}

// Confidence says how sure it is which mesh an arm is in.
type Confidence string

// The degrees.
const (
	// ConfidenceCertain: pods carry what only this mesh puts on them, or the
	// user said so and nothing contradicts.
	ConfidenceCertain Confidence = "certain"
	// ConfidenceLikely: everything that was seen fits one mesh.
	ConfidenceLikely Confidence = "likely"
	// ConfidenceAmbiguous: it fits several.
	ConfidenceAmbiguous Confidence = "ambiguous"
	// ConfidenceUnknown: nothing that was seen belongs to a known mesh.
	ConfidenceUnknown Confidence = "unknown"
)

// Path says through which part of a data plane requests went.
type Path string

// The paths.
const (
	// PathNone: through none.
	PathNone Path = "none"
	// PathClientSide and PathServerSide: through the proxy of one side only.
	PathClientSide Path = "client side"
	PathServerSide Path = "server side"
	// PathBothSides: through the proxies of both sides, or one that they share.
	PathBothSides Path = "both sides"
	// PathUnknown: it cannot be told.
	PathUnknown Path = "unknown"
)

// Layer says how far a mesh with waypoints looks into requests.
type Layer string

// The layers.
const (
	// LayerConnections: no answer came through a waypoint.
	LayerConnections Layer = "L4 only"
	// LayerRequests: all answers did.
	LayerRequests Layer = "through a waypoint"
)

// Answer is yes, no, or not known.
type Answer string

// The answers.
const (
	AnswerYes     Answer = "yes"
	AnswerNo      Answer = "no"
	AnswerUnknown Answer = "unknown"
)

// ProxySettings are what shapes a proxy's part of a result. Quantities are nil
// where the pod states none.
type ProxySettings struct {
	Side      Side   `json:"side"`
	Container string `json:"container"`
	// Native is set for a sidecar that is an init container.
	Native             bool     `json:"native,omitempty"`
	CPURequestCores    *float64 `json:"cpuRequestCores,omitempty"`
	CPULimitCores      *float64 `json:"cpuLimitCores,omitempty"`
	MemoryRequestBytes *int64   `json:"memoryRequestBytes,omitempty"`
	MemoryLimitBytes   *int64   `json:"memoryLimitBytes,omitempty"`
	// The settings are nil where they can neither be read nor looked up.
	Threads   *Setting `json:"threads,omitempty"`
	AccessLog *Setting `json:"accessLog,omitempty"`
	Tracing   *Setting `json:"tracing,omitempty"`
	Retries   *Setting `json:"retries,omitempty"`
	// Tunnel is how requests travel between the proxies.
	Tunnel *Setting `json:"tunnel,omitempty"`
}

// Setting is a value and where it was read.
type Setting struct {
	Value string `json:"value"`
	// From is a place on the pod, or "documented default".
	From string `json:"from"`
}

// PodMesh is what a pod shows of a mesh: only labels and annotations that the
// catalogue of meshes knows.
type PodMesh struct {
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
	// Containers are those that meshbench did not ask for.
	Containers []MeshContainer `json:"containers,omitempty"`
}

// MeshContainer is an injected container as the pod specifies it.
type MeshContainer struct {
	Name  string `json:"name"`
	Image string `json:"image,omitempty"`
	// Init is set for init containers, Native for those of them that go on
	// beside the others: sidecars.
	Init   bool `json:"init,omitempty"`
	Native bool `json:"native,omitempty"`
	// Quantities are nil where the pod states none.
	CPURequestCores    *float64 `json:"cpuRequestCores,omitempty"`
	CPULimitCores      *float64 `json:"cpuLimitCores,omitempty"`
	MemoryRequestBytes *int64   `json:"memoryRequestBytes,omitempty"`
	MemoryLimitBytes   *int64   `json:"memoryLimitBytes,omitempty"`
	// Settings are the arguments and variables that the catalogue knows, as
	// "--flag" or "NAME" and value.
	Settings map[string]string `json:"settings,omitempty"`
}

// Probe is what one load pod and its target saw of each other before the
// warm-up.
type Probe struct {
	// Pod is the load pod that asked, or the target before that one in a chain.
	Pod string `json:"pod"`
	// Hop is the number of the hop that answered, from 2; absent of the target itself.
	Hop int `json:"hop,omitempty"`
	// RemoteAddress is the peer that the target saw, without its port.
	RemoteAddress string `json:"remoteAddress,omitempty"`
	// Seen is the protocol the target was spoken to in, such as "HTTP/1.1".
	Seen string `json:"seen,omitempty"`
	// RequestHeaders and ResponseHeaders are names, lower case, sorted.
	RequestHeaders  []string `json:"requestHeaders,omitempty"`
	ResponseHeaders []string `json:"responseHeaders,omitempty"`
	// ServerHeader is the value of the response's server header.
	ServerHeader string `json:"serverHeader,omitempty"`
	// ClientIdentity is who a proxy vouched for; IdentityHeader says where.
	ClientIdentity string `json:"clientIdentity,omitempty"`
	IdentityHeader string `json:"identityHeader,omitempty"`
}

// ProxyCount is what the proxies of one side counted in a trial, beside what was
// sent: from before the first request of the warm-up to after the last answer.
type ProxyCount struct {
	Side Side `json:"side"`
	// Sent is the number of requests of all load pods in that time, with those
	// of the warm-up and those that failed.
	Sent int64 `json:"sent"`
	// Sockets is the number of connections that they opened.
	Sockets int64   `json:"sockets"`
	Seconds float64 `json:"seconds"`
	// Counted is the increase of the proxies' counter of requests; nil where it
	// could not be read, and Unread says why.
	Counted *int64 `json:"counted,omitempty"`
	// MutualTLS is the part of Counted that went through mutual TLS; nil where
	// this side's counter does not tell.
	MutualTLS *int64 `json:"mutualTLS,omitempty"`
	// Plain is the part of Counted that the proxy says did not; what it says it
	// does not know of is in neither.
	Plain *int64 `json:"plain,omitempty"`
	// Connections is the increase of the counter of connections that the mesh
	// carries without looking for requests, and maybe of others; nil where
	// there is none.
	Connections *int64 `json:"connections,omitempty"`
	Unread      string `json:"unread,omitempty"`
}
