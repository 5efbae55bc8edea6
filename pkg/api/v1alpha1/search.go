package v1alpha1

// Ceiling is the throughput without a mesh that bounds a level from above: it
// was measured in the same run with the same protocol, placement, connections
// and load pods, and with bodies that were no larger.
type Ceiling struct {
	Experiment string  `json:"experiment"`
	Level      string  `json:"level"`
	PerSecond  float64 `json:"perSecond"`
	// Source and SourceLevel are the experiment and level that measured it.
	Source      string `json:"source"`
	SourceLevel string `json:"sourceLevel"`
}

// SearchResult is the highest rate at which one arm keeps a search's objective,
// as far as its trials tell.
type SearchResult struct {
	Address
	// SLO is the objective as it was written.
	SLO string `json:"slo"`
	// Conclusive is set if both ends of the bracket are confirmed and as close as was
	// asked, and the limit has both ends, too.
	Conclusive bool `json:"conclusive"`
	// HoldsAt is the highest rate that was found to hold, and FailsAt the lowest
	// above it that was found to fail, in requests per second. nil: none was.
	HoldsAt *float64 `json:"holdsAtPerSecond,omitempty"`
	FailsAt *float64 `json:"failsAtPerSecond,omitempty"`
	// Reason says why the search ended, if it is not conclusive.
	Reason string `json:"reason,omitempty"`
	// Probe is the throughput of the closed-loop trial that the search began
	// with, in requests per second.
	Probe *float64 `json:"probePerSecond,omitempty"`
	// Steps are the rates that were tried, from the lowest to the highest.
	Steps []SearchStep `json:"steps,omitempty"`
	// Limit is the rate at which as many trials keep the objective as break it,
	// with the 95 % interval that all trials of the search leave. nil where its
	// trials tell nothing, and in reports of releases that gave a bracket only.
	Limit *RateLimit `json:"limit,omitempty"`
	// Ratio is this arm's limit over the baseline's, with its 95 % interval; nil
	// unless both limits have two ends. Without Limit it is of two brackets: its ends
	// are then the bounds that these leave, which say how fine the search was.
	Ratio *Estimate `json:"ratio,omitempty"`
	// Conclusion says whether the limit differs from the baseline's, considering how
	// many searches the run compares; empty without a ratio.
	Conclusion Conclusion `json:"conclusion,omitempty"`
}

// RateLimit is a rate with its 95 % interval, in requests per second. An end is nil
// where the interval leaves the rates that were tried: then only the other end is
// known, and no value.
type RateLimit struct {
	Value *float64 `json:"perSecond,omitempty"`
	Low   *float64 `json:"lowPerSecond,omitempty"`
	High  *float64 `json:"highPerSecond,omitempty"`
}

// SearchStep is one rate of a search and what its trials found.
type SearchStep struct {
	// Rate is in requests per second.
	Rate  float64 `json:"rate"`
	Holds int     `json:"holds"`
	Fails int     `json:"fails"`
	// Void counts trials without a usable result.
	Void int `json:"void,omitempty"`
	// Values are what the objective's metric was in each usable trial, in the
	// metric's unit and in the order of the trials.
	Values []float64 `json:"values,omitempty"`
}
