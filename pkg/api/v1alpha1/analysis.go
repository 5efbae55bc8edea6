package v1alpha1

// Cell summarises one arm at one level of one experiment over all rounds.
type Cell struct {
	Address
	// Rounds is the number of rounds that gave a usable trial.
	Rounds int `json:"rounds"`
	// Void is set where the cell must not be compared; its findings say why.
	Void bool `json:"void,omitempty"`
	// Overloaded is set where an open schedule did not reach its rate: latencies
	// then depend on the length of the window, and nothing is compared.
	Overloaded bool `json:"overloaded,omitempty"`

	Requests int64 `json:"requests"`
	// Errors are all requests that failed.
	Errors int64 `json:"errors"`
	// Faults are those of Errors that the level's errorRatio asked for: they void nothing.
	Faults int64 `json:"faults,omitempty"`
	// Clamped are the answered requests that took more than 60 s, the most that
	// histograms tell apart: a percentile among them is a lower bound.
	Clamped int64 `json:"clamped,omitempty"`
	// Values hold one entry per metric, in the order of Metrics.
	Values []MetricValue `json:"values,omitempty"`
	// Bottleneck is what held a closed loop back; nil in an open schedule, and
	// where resources were not measured.
	Bottleneck *Bottleneck `json:"bottleneck,omitempty"`
}

// Bottleneck says what saturated.
type Bottleneck struct {
	At BottleneckAt `json:"at"`
	// Evidence is one sentence with the numbers.
	Evidence string `json:"evidence"`
}

// BottleneckAt names what saturated.
type BottleneckAt string

// The places. A program is saturated at its CPU limit or, if it is a proxy, if
// one of its threads has no time left.
const (
	BottleneckClient      BottleneckAt = "client"
	BottleneckClientProxy BottleneckAt = "client-proxy"
	BottleneckServerProxy BottleneckAt = "server-proxy"
	BottleneckNodeProxy   BottleneckAt = "node-proxy"
	BottleneckWaypoint    BottleneckAt = "waypoint"
	BottleneckTarget      BottleneckAt = "target"
	BottleneckNode        BottleneckAt = "node"
	// BottleneckUnclear: nothing was saturated, or several were.
	BottleneckUnclear BottleneckAt = "unclear"
)

// Metric names a measured quantity.
type Metric string

// The metrics of the load side. Latencies are response times in an open
// schedule, else service times.
const (
	MetricThroughput Metric = "throughput"
	MetricMean       Metric = "mean"
	MetricP50        Metric = "p50"
	MetricP90        Metric = "p90"
	MetricP99        Metric = "p99"
	MetricP999       Metric = "p99.9"
	MetricP9999      Metric = "p99.99"
	MetricMax        Metric = "max"
	MetricErrors     Metric = "errors"
	// MetricAmplification is how many requests the target received for each one
	// that was sent: more than 1 where something on the way retries.
	MetricAmplification Metric = "amplification"
	// MetricSuccessP50 and MetricSuccessP99 are latencies of the requests answered
	// as asked alone, where the others' are of all requests, and count one that
	// failed as later than all that were answered.
	MetricSuccessP50 Metric = "success-p50"
	MetricSuccessP99 Metric = "success-p99"
	// MetricFailed is the number of requests that failed in a window with a
	// disturbance.
	MetricFailed Metric = "failed-requests"
	// MetricLongestGap is the longest time without any request answered as asked.
	MetricLongestGap Metric = "longest-gap"
	// MetricFailingTime is from the disturbance to when the last request that failed
	// was due; 0 where none failed.
	MetricFailingTime Metric = "failing-time"
	// MetricRecovery is from the disturbance until the 99th percentile of a second is
	// back within twice what it was before, and stays there for three.
	MetricRecovery Metric = "recovery"
	// MetricHeld is the number of requests that were under way for more than a second.
	MetricHeld Metric = "held-requests"
)

// CostPart names one of those among whom CPU time and memory are split.
type CostPart string

// The parts. Those from client-application to waypoint are what an arm's
// requests are answered by; with injected, other-tenants and unattributed they
// add up to the total.
const (
	// CostTotal is the CPU time of all nodes that ran a load pod or the target,
	// each machine once, and of waypoints on other nodes. If the run has an idle
	// window, what the nodes used in it is taken off.
	CostTotal             CostPart = "total"
	CostClientApplication CostPart = "client-application"
	CostServerApplication CostPart = "server-application"
	CostClientProxy       CostPart = "client-proxy"
	CostServerProxy       CostPart = "server-proxy"
	CostNodeProxy         CostPart = "node-proxy"
	CostWaypoint          CostPart = "waypoint"
	// CostInjected are containers in pods of the run, on both sides, that are
	// neither the run's nor the mesh's: log shippers, agents of secrets.
	CostInjected CostPart = "injected"
	// CostOther is what other tenants of the nodes used meanwhile.
	CostOther CostPart = "other-tenants"
	// CostUnattributed is the rest: the kernel's work for all of them, such as
	// eBPF, iptables, encryption and TCP, and whatever no source can see.
	CostUnattributed CostPart = "unattributed"
)

// CPUPer1000 is the metric of a part's CPU-milliseconds for 1,000 requests that
// were answered as asked.
func CPUPer1000(p CostPart) Metric { return "cpu-" + Metric(p) }

// Cores is the metric of the cores a part used at the load of the trial.
func Cores(p CostPart) Metric { return "cores-" + Metric(p) }

// MemoryMean and MemoryMax are the metrics of a part's memory: its mean over
// the window, and the most at any sample. Several containers are added up.
func MemoryMean(p CostPart) Metric { return "memory-mean-" + Metric(p) }

// MemoryMax is told of at MemoryMean.
func MemoryMax(p CostPart) Metric { return "memory-max-" + Metric(p) }

// Unit is the unit of a metric's values.
type Unit string

// The units.
const (
	UnitPerSecond Unit = "1/s"
	UnitSeconds   Unit = "s"
	UnitRatio     Unit = "ratio"
	// UnitCPUPer1000 is CPU-milliseconds for 1,000 requests.
	UnitCPUPer1000 Unit = "ms/1000 requests"
	UnitCores      Unit = "cores"
	UnitBytes      Unit = "B"
	// UnitRequests is that of a number of requests.
	UnitRequests Unit = "requests"
	// UnitTimes is that of a factor.
	UnitTimes Unit = "times"
)

// MetricValue is one metric of one cell.
type MetricValue struct {
	Metric Metric `json:"metric"`
	Unit   Unit   `json:"unit"`
	// Value is taken from the histogram merged over rounds, or the mean over
	// rounds of a rate; nil where Missing says why.
	Value *float64 `json:"value,omitempty"`
	// Missing says in a few words why there is no value.
	Missing string `json:"missing,omitempty"`
	// AtLeast is a lower bound of the value where the value is not known: so many
	// requests had no answer that the percentile lies among them, or so much use
	// without load was taken off a total cost that less is left than its parts used.
	AtLeast *float64 `json:"atLeast,omitempty"`
	// SamplesAbove counts the samples above a percentile's value.
	SamplesAbove *int64 `json:"samplesAbove,omitempty"`
	// PerRound holds the value of each usable round, in the order of rounds.
	PerRound []RoundValue `json:"perRound,omitempty"`
}

// RoundValue is a metric's value in one round.
type RoundValue struct {
	Round int     `json:"round"`
	Value float64 `json:"value"`
}

// Conclusion says what the data of a comparison can carry.
type Conclusion string

// The words for a comparison.
const (
	// ConclusionHigher and ConclusionLower: a difference that is not chance, also
	// considering how many comparisons the run makes.
	ConclusionHigher Conclusion = "higher"
	ConclusionLower  Conclusion = "lower"
	// ConclusionNone: not distinguishable from the baseline; shown as "~".
	ConclusionNone Conclusion = "indistinguishable"
	// ConclusionInconclusive: too few rounds for an interval.
	ConclusionInconclusive Conclusion = "inconclusive"
	// ConclusionVoid: one of the two cells must not be compared.
	ConclusionVoid Conclusion = "void"
	// ConclusionOverloaded: one of the two cells did not reach its rate.
	ConclusionOverloaded Conclusion = "overloaded"
	// ConclusionBound: in one of the two cells only a lower bound is known.
	ConclusionBound Conclusion = "lower-bound"
)

// Comparison sets one metric of one arm against the baseline of the same level.
// Rounds are the pairs: each ratio is between adjacent trials.
type Comparison struct {
	Address
	Metric Metric `json:"metric"`
	// Pairs is the number of rounds in which both arms have a value.
	Pairs      int        `json:"pairs"`
	Conclusion Conclusion `json:"evidence"`
	// Ratio is arm / baseline: the geometric mean over rounds, with a 95 %
	// interval from the t distribution on the logarithms.
	Ratio *Estimate `json:"ratio,omitempty"`
	// Difference is arm - baseline in the metric's unit: the mean over rounds,
	// with a 95 % interval from the t distribution.
	Difference *Estimate `json:"difference,omitempty"`
	// PValue is of the exact two-sided Wilcoxon signed-rank test. It decides
	// nothing: it does not depend on how the noise is distributed, but with six
	// rounds it cannot be below 0.031.
	PValue *float64 `json:"pValue,omitempty"`
	// TestPValue is of Student's two-sided t test of no difference, on the
	// logarithms of the ratios, or on the differences where there is no ratio. Of what
	// a disturbance does, which is often none, it is of the exact sign-flip test on
	// the differences.
	TestPValue *float64 `json:"testPValue,omitempty"`
	// AdjustedPValue is TestPValue adjusted for all comparisons of the run
	// (weighted Holm). A difference is claimed if it is at most 0.05, which
	// happens in at most 5 % of the runs in which no arm differs.
	AdjustedPValue *float64 `json:"adjustedPValue,omitempty"`
	// DecidedBy names what the conclusion rests on; empty where nothing was decided, and
	// in reports of releases in which the interval alone decided.
	DecidedBy DecidedBy `json:"decidedBy,omitempty"`
}

// DecidedBy names what the word for a comparison rests on.
type DecidedBy string

// What decides.
const (
	// DecidedByAdjustedP: the p value adjusted for all comparisons of the run.
	DecidedByAdjustedP DecidedBy = "adjusted-p"
	// DecidedByResolution: clocks, histograms or counts cannot tell so small a
	// difference from none.
	DecidedByResolution DecidedBy = "resolution"
)

// Estimate is a point with its 95 % interval; Low and High are nil where the
// data carry no interval.
type Estimate struct {
	Value float64  `json:"value"`
	Low   *float64 `json:"low,omitempty"`
	High  *float64 `json:"high,omitempty"`
}

// Severity says what a finding does to a number.
type Severity string

// The severities.
const (
	// SeverityVoid: the number is not compared.
	SeverityVoid Severity = "void"
	// SeverityWarn: the number is compared, with this beside it.
	SeverityWarn Severity = "warn"
	// SeverityInfo: worth knowing, changes nothing.
	SeverityInfo Severity = "info"
)

// Finding qualifies numbers of a report. Empty scope fields mean "all of them".
type Finding struct {
	// Code is stable, for machines: e.g. "client-cpu-limit".
	Code     string   `json:"code"`
	Severity Severity `json:"severity"`
	Scope
	Trial string `json:"trial,omitempty"`
	// Evidence is one sentence with the numbers.
	Evidence string `json:"evidence"`
	// Advice is one sentence saying what to do.
	Advice string `json:"advice,omitempty"`
}

// Verdict says whether an arm keeps a service level objective.
type Verdict struct {
	// SLO is the objective as it was written.
	SLO string `json:"slo"`
	Address
	Result VerdictResult `json:"result"`
	// Evidence is one sentence with the numbers.
	Evidence string `json:"evidence"`
}

// VerdictResult is what a verdict says.
type VerdictResult string

// The results. An objective is kept or broken only if the whole 95 % interval
// is on one side of the bound.
const (
	VerdictPass         VerdictResult = "pass"
	VerdictFail         VerdictResult = "fail"
	VerdictInconclusive VerdictResult = "inconclusive"
)
