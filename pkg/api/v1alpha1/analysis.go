package v1alpha1

// Cell summarises one arm at one level of one experiment over all rounds.
type Cell struct {
	Experiment string `json:"experiment"`
	Level      string `json:"level"`
	Arm        string `json:"arm"`
	// Rounds is the number of rounds that gave a usable trial.
	Rounds int `json:"rounds"`
	// Void is set where the cell must not be compared; its findings say why.
	Void     bool  `json:"void,omitempty"`
	Requests int64 `json:"requests"`
	Errors   int64 `json:"errors"`
	// Values hold one entry per metric, in the order of Metrics.
	Values []MetricValue `json:"values,omitempty"`
}

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
)

// Unit is the unit of a metric's values.
type Unit string

// The units.
const (
	UnitPerSecond Unit = "1/s"
	UnitSeconds   Unit = "s"
	UnitRatio     Unit = "ratio"
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

// Evidence says what the data of a comparison can carry.
type Evidence string

// The words for a comparison.
const (
	// EvidenceHigher and EvidenceLower: the interval excludes "no difference".
	EvidenceHigher Evidence = "higher"
	EvidenceLower  Evidence = "lower"
	// EvidenceNone: not distinguishable from the baseline; shown as "~".
	EvidenceNone Evidence = "indistinguishable"
	// EvidenceInconclusive: too few rounds for an interval.
	EvidenceInconclusive Evidence = "inconclusive"
	// EvidenceVoid: one of the two cells must not be compared.
	EvidenceVoid Evidence = "void"
)

// Comparison sets one metric of one arm against the baseline of the same level.
// Rounds are the pairs: each ratio is between adjacent trials.
type Comparison struct {
	Experiment string `json:"experiment"`
	Level      string `json:"level"`
	Arm        string `json:"arm"`
	Metric     Metric `json:"metric"`
	// Pairs is the number of rounds in which both arms have a value.
	Pairs    int      `json:"pairs"`
	Evidence Evidence `json:"evidence"`
	// Ratio is arm / baseline: the geometric mean over rounds, with a 95 %
	// interval from the t distribution on the logarithms.
	Ratio *Estimate `json:"ratio,omitempty"`
	// Difference is arm - baseline in the metric's unit: the mean over rounds,
	// with a 95 % interval from the t distribution.
	Difference *Estimate `json:"difference,omitempty"`
	// PValue is of the exact two-sided Wilcoxon signed-rank test.
	PValue *float64 `json:"pValue,omitempty"`
}

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
	Code       string   `json:"code"`
	Severity   Severity `json:"severity"`
	Experiment string   `json:"experiment,omitempty"`
	Level      string   `json:"level,omitempty"`
	Arm        string   `json:"arm,omitempty"`
	Trial      string   `json:"trial,omitempty"`
	// Evidence is one sentence with the numbers.
	Evidence string `json:"evidence"`
	// Advice is one sentence saying what to do.
	Advice string `json:"advice,omitempty"`
}

// Verdict says whether an arm keeps a service level objective.
type Verdict struct {
	// SLO is the objective as it was written.
	SLO        string        `json:"slo"`
	Experiment string        `json:"experiment"`
	Level      string        `json:"level"`
	Arm        string        `json:"arm"`
	Result     VerdictResult `json:"result"`
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
