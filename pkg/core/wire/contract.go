package wire

import "time"

// What load asks of targets, and how. Both programs and the plugin hold to it.
const (
	// PathProbe answers with a Probe, in JSON; PathHealth is for kubelets.
	PathProbe  = "/meshbench/probe"
	PathHealth = "/healthz"
	// QuerySize asks the echo for a body of that many bytes, QueryDelay for that
	// pause before the answer, QueryStatus for that status.
	QuerySize   = "size"
	QueryDelay  = "delay"
	QueryStatus = "status"
	// QueryFaults carries Faults, and so does MetadataFaults in a call's metadata.
	// Targets heed it of the run's own requests alone.
	QueryFaults    = "faults"
	MetadataFaults = "meshbench-faults"
	// QueryChain carries Chain, and so does MetadataChain in a call's metadata. Targets
	// heed it of the run's own requests alone.
	QueryChain    = "chain"
	MetadataChain = "meshbench-chain"
	// MetadataProbe in a ping's metadata asks for a probe: the answer's payload is
	// then the JSON of a Probe. Its value, and that of the header of the same name,
	// is the challenge that the target proves itself with.
	MetadataProbe = "meshbench-probe"
	// MetadataSize in a ping's metadata asks for a payload of that many bytes; a
	// ping without it is echoed.
	MetadataSize = "meshbench-size"

	// EnvPod and EnvPodUID tell a target which pod it is.
	EnvPod    = "MESHBENCH_POD"
	EnvPodUID = "MESHBENCH_POD_UID"

	// MaxBodyBytes bounds a request's and an answer's body.
	MaxBodyBytes = 16 << 20
	// MaxDelay bounds the delay that a request may ask for.
	MaxDelay = 60 * time.Second

	// PortMetrics is where workers serve Prometheus metrics.
	PortMetrics = 9091
	// PortNameMetrics names it in a pod.
	PortNameMetrics = "metrics"
)
