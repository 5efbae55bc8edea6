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
	// Conclusive is set if both ends are confirmed and as close as was asked.
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
	// Ratio is this arm's highest rate relative to the baseline's. Its ends are
	// the bounds that the two brackets leave, no 95 % interval: how far apart
	// they are says how fine the search was, not how much the rates vary.
	Ratio *Estimate `json:"ratio,omitempty"`
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
