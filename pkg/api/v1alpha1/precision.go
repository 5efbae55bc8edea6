package v1alpha1

// Precision says by which rule the number of rounds of an experiment was chosen,
// and what came of it.
type Precision struct {
	Experiment string `json:"experiment"`
	// Rule is "stein": the deviation of the first rounds decides how many there are,
	// and is what all intervals of the experiment rest on (Stein 1945).
	Rule string `json:"rule"`
	// TargetRatio is how far the ends of an interval may be from its ratio, as a
	// share: 0.05 is a factor of 1.05 either way.
	TargetRatio float64 `json:"targetRatio"`
	// FirstRounds decided that PlannedRounds are needed, of at most MaxRounds;
	// UsedRounds were run.
	FirstRounds   int `json:"firstRounds"`
	PlannedRounds int `json:"plannedRounds"`
	MaxRounds     int `json:"maxRounds"`
	UsedRounds    int `json:"usedRounds"`
	// Capped is set if more than MaxRounds would have been needed, or if a ratio
	// that decides was not known in the first rounds.
	Capped bool `json:"capped,omitempty"`
	// Widest is the ratio that asked for most rounds, and WidestRatio how far the
	// ends of its interval are from it now; nil where nothing was measured.
	Widest       *Address `json:"widest,omitempty"`
	WidestMetric Metric   `json:"widestMetric,omitempty"`
	WidestRatio  *float64 `json:"widestRatio,omitempty"`
}
