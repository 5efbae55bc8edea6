package v1alpha1

import "time"

// TrialStatus says whether a trial's numbers may be used.
type TrialStatus string

// The statuses of a trial.
const (
	// TrialCompleted trials have a whole window of data.
	TrialCompleted TrialStatus = "completed"
	// TrialVoid trials ended without usable data; Reason says why.
	TrialVoid TrialStatus = "void"
)

// Trial is one measured run: one arm, one level, fresh load pods and
// connections, a warm-up and a window.
type Trial struct {
	// ID is unique in the report: experiment, round, level, arm and attempt.
	ID         string `json:"id"`
	Experiment string `json:"experiment"`
	Arm        string `json:"arm"`
	Level      string `json:"level"`
	// Round counts from 1; of a search it is the step.
	Round int `json:"round"`
	// Rate is what a search chose for this trial; nil where the level says it.
	Rate *Rate `json:"rate,omitempty"`
	// Attempt counts from 1; later attempts repeat a void trial.
	Attempt int         `json:"attempt"`
	Status  TrialStatus `json:"status"`
	// Reason says why a trial is void.
	Reason string `json:"reason,omitempty"`
	// OffPath is set for a trial that is void because its requests took another
	// way through or around the mesh than those of the arm's other trials.
	OffPath bool `json:"offPath,omitempty"`
	// Stopped is set for a trial that is void because the load ended itself; the run
	// ended with it.
	Stopped *SafetyStop `json:"stopped,omitempty"`
	// Window is nil where no measurement was begun.
	Window *Window `json:"window,omitempty"`
	// Pods are the load pods.
	Pods []Pod `json:"pods,omitempty"`
	// Probes are what each load pod and the target saw of each other before the
	// warm-up.
	Probes []Probe `json:"probes,omitempty"`
	// ProxyCounts are what the proxies of each side counted; empty where the
	// arm's mesh has no counters in the pod.
	ProxyCounts []ProxyCount `json:"proxyCounts,omitempty"`
	// Received is what the target counted; nil where it did not tell.
	Received *ReceivedCount `json:"received,omitempty"`
	// Impostor says who answered instead of the run's target; empty if nobody did.
	Impostor string `json:"impostor,omitempty"`
	// Load is the merged measurement of all load pods; nil for a void trial.
	Load *LoadResult `json:"load,omitempty"`
	// Disturbed is what was done to the targets in the window; nil for nothing.
	Disturbed *Disturbed `json:"disturbed,omitempty"`
	// Series has one entry per second of the window.
	Series []Second `json:"series,omitempty"`
	// Clients is the generators' own use of resources, one entry per load pod.
	Clients []SelfUsage `json:"clients,omitempty"`
	// Resources is what everything on the requests' way used in the window.
	Resources *Resources `json:"resources,omitempty"`
}

// ReceivedCount is what the target of a trial received, beside what was sent to
// it: from before the first request of the warm-up to after the last answer.
// More received than sent was sent again on the way.
type ReceivedCount struct {
	// Sent is the number of requests of all load pods, with those of the warm-up
	// and those that failed.
	Sent     int64 `json:"sent"`
	Received int64 `json:"received"`
	// Strangers are the requests that the target got meanwhile from others than the
	// run, on any of its ports; kubelets are none. Absent where it could not tell.
	Strangers *int64 `json:"strangers,omitempty"`
	// Faults are those of Received that the target failed because the level's
	// errorRatio asks for it. Absent where it could not tell.
	Faults *int64 `json:"faults,omitempty"`
	// Replicas are the parts of Received where the level has several targets, in the
	// order of their ordinals.
	Replicas []ReplicaCount `json:"replicas,omitempty"`
	// Hops are the targets of a chain in their order, the first one of which Received
	// is; empty where one of them did not tell.
	Hops []HopCount `json:"hops,omitempty"`
}

// HopCount is what one target of a chain received and called.
type HopCount struct {
	Pod      string `json:"pod"`
	Received int64  `json:"received"`
	// Called are the calls that it made to the next one, and Failed those of them that
	// failed. Opened are the connections that were opened for them. Absent of the last.
	Called *int64 `json:"called,omitempty"`
	Failed *int64 `json:"failed,omitempty"`
	Opened *int64 `json:"opened,omitempty"`
}

// ReplicaCount is what one of several targets received.
type ReplicaCount struct {
	Pod      string `json:"pod"`
	Received int64  `json:"received"`
}

// Window is a trial's measurement interval [StartedAt, EndedAt) by the load
// pod's wall clock.
type Window struct {
	StartedAt time.Time `json:"startedAt"`
	EndedAt   time.Time `json:"endedAt"`
	// Seconds is the length by the monotonic clock.
	Seconds float64 `json:"seconds"`
}

// LoadResult is what was measured on the client's side of a trial.
type LoadResult struct {
	// Requests is the number of requests answered as asked.
	Requests int64 `json:"requests"`
	// Errors are the requests that failed, by class; sorted by class and detail.
	Errors []ErrorCount `json:"errors,omitempty"`
	// Unsent are the requests of an open schedule that were due in the window
	// but not sent by its end.
	Unsent int64 `json:"unsent"`
	// Sockets is the number of connections opened, warm-up included.
	Sockets int64 `json:"sockets"`
	// WindowSockets are those of them that were opened in the window; absent where
	// nobody counted them apart.
	WindowSockets *int64 `json:"windowSockets,omitempty"`
	// Peers are the addresses that the load pods connected to, each once.
	Peers []Peer `json:"peers,omitempty"`
	// ServiceTime is from sending to answer of the requests answered as asked.
	ServiceTime *Histogram `json:"serviceTime,omitempty"`
	// ResponseTime is from the due instant to the answer; open schedules only.
	ResponseTime *Histogram `json:"responseTime,omitempty"`
	// Continuity is how answers came through a disturbance; absent without one.
	Continuity *Continuity `json:"continuity,omitempty"`
	// SendLag is from the due instant to sending; open schedules only.
	SendLag *Histogram `json:"sendLag,omitempty"`
	// ErrorTime is the service time of failed requests.
	ErrorTime *Histogram `json:"errorTime,omitempty"`
	// Censored holds how late, at least, the requests were whose answer nobody has
	// seen: of one that was due and never sent, from the due instant to the end of
	// the window; of one that timed out, from the due instant (in a closed loop,
	// from sending) until it was given up. Each value is a lower bound. Those that
	// timed out are among Errors too. Absent where there were none, and in
	// reports of releases that kept none: there, Unsent and the timeouts tell
	// how many there were.
	Censored *Histogram `json:"censored,omitempty"`
}

// Peer is an address that load was sent to: that of the target's Service, or of
// a proxy that stands for it.
type Peer struct {
	Address string   `json:"address"`
	Family  IPFamily `json:"family"`
}

// IPFamily is the version of the Internet Protocol, as in a Service.
type IPFamily string

// The families.
const (
	FamilyIPv4 IPFamily = "IPv4"
	FamilyIPv6 IPFamily = "IPv6"
)

// Usable reports whether a trial has a whole window of data.
func (t Trial) Usable() bool {
	return t.Status == TrialCompleted && t.Load != nil && t.Window != nil && t.Window.Seconds > 0
}

// Latency is what users wait for: the response time in an open schedule, from
// the due instant, so that a queue at the generator counts; else the service
// time. nil where nothing was recorded.
func (r *LoadResult) Latency() *Histogram {
	if r.ResponseTime != nil {
		return r.ResponseTime
	}
	return r.ServiceTime
}

// Failed is the number of requests that failed, over all classes.
func (r *LoadResult) Failed() int64 {
	var n int64
	for _, e := range r.Errors {
		n += e.Count
	}
	return n
}

// Faults is the number of requests that failed because the level asked the
// target to fail some; they are among Failed.
func (r *LoadResult) Faults() int64 {
	var n int64
	for _, e := range r.Errors {
		if e.Class == ErrorFault {
			n += e.Count
		}
	}
	return n
}

// ErrorClass groups failed requests by what went wrong.
type ErrorClass string

// The classes of errors.
const (
	ErrorConnect  ErrorClass = "connect"
	ErrorReset    ErrorClass = "reset"
	ErrorTimeout  ErrorClass = "timeout"
	ErrorStatus   ErrorClass = "http-status"
	ErrorGRPC     ErrorClass = "grpc-code"
	ErrorBodySize ErrorClass = "body-size"
	ErrorOther    ErrorClass = "other"
	// ErrorFault is of requests that the target failed because the level's
	// errorRatio asks for it: it says so in its answer.
	ErrorFault ErrorClass = "fault"
)

// ErrorCount counts failed requests of one class and detail.
type ErrorCount struct {
	Class ErrorClass `json:"class"`
	// Detail is the HTTP status, the gRPC code's name, or a short cause.
	Detail string `json:"detail,omitempty"`
	Count  int64  `json:"count"`
	// Answer is the first answer of this kind; absent where none came back.
	Answer *FailedAnswer `json:"answer,omitempty"`
}

// FailedAnswer is what an answer said that was not the one asked for: who
// answered, and why. Control characters are taken out.
type FailedAnswer struct {
	// Headers are those that tell who answered and why: server, x-envoy-*,
	// l5d-proxy-error and the like, each as "name: value".
	Headers []string `json:"headers,omitempty"`
	// Body is the beginning of the answer's body, at most 120 characters.
	Body string `json:"body,omitempty"`
	// Message is the message of a gRPC status, at most 120 characters.
	Message string `json:"message,omitempty"`
}

// Histogram holds a distribution of durations with a relative error of at most
// 0.1 % from 1 microsecond to 60 seconds.
type Histogram struct {
	Count       int64   `json:"count"`
	MinSeconds  float64 `json:"minSeconds"`
	MaxSeconds  float64 `json:"maxSeconds"`
	MeanSeconds float64 `json:"meanSeconds"`
	// Clamped are the samples above 60 s, which are held as 60 s.
	Clamped int64 `json:"clamped,omitempty"`
	// Data is the HdrHistogram V2 compressed encoding, in base64, of values in
	// nanoseconds.
	Data string `json:"data"`
}

// ClampedSamples are those above 60 s, 0 of no histogram.
func (h *Histogram) ClampedSamples() int64 {
	if h == nil {
		return 0
	}
	return h.Clamped
}

// Second is what happened in one second of a window.
type Second struct {
	// OffsetSeconds is the start of this second from the start of the window.
	OffsetSeconds int   `json:"offsetSeconds"`
	Requests      int64 `json:"requests"`
	Errors        int64 `json:"errors"`
	// P50Seconds and P99Seconds are nil in a second without answers. They are
	// response times in an open schedule, else service times.
	P50Seconds *float64 `json:"p50Seconds,omitempty"`
	P99Seconds *float64 `json:"p99Seconds,omitempty"`
}

// SelfUsage is what a worker measured of itself over the window. A nil pointer
// means that the runtime hides the value.
type SelfUsage struct {
	Pod string `json:"pod"`
	// CPUSeconds is user plus system time of the worker process.
	CPUSeconds *float64 `json:"cpuSeconds,omitempty"`
	// CPULimitCores is the cgroup's quota; nil where there is none.
	CPULimitCores *float64 `json:"cpuLimitCores,omitempty"`
	// Processors is the number of processors the worker's scheduler used.
	Processors int `json:"processors"`
	// ThrottledPeriods and Periods count CFS enforcement periods.
	ThrottledPeriods *int64 `json:"throttledPeriods,omitempty"`
	Periods          *int64 `json:"periods,omitempty"`
	// ThrottledSeconds is how long the quota kept threads of the worker waiting.
	ThrottledSeconds *float64 `json:"throttledSeconds,omitempty"`
	// MaxRSSBytes is the most memory of the worker that was resident at any time
	// since it began.
	MaxRSSBytes *int64 `json:"maxRSSBytes,omitempty"`
}
