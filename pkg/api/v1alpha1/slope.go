package v1alpha1

// Slope is what each further step of a factor, such as a hop, adds to one metric of
// one arm: the slope of the least-squares line over levels that differ in nothing but
// that factor. Slopes are computed from the cells when a report is written.
type Slope struct {
	Experiment string `json:"experiment"`
	Arm        string `json:"arm"`
	// Levels are the ids of the levels that the line goes through, by rising value of
	// the factor.
	Levels []string `json:"levels"`
	// Factor is the name of the factor's field in an Experiment, PerUnit what one step
	// of it is called.
	Factor  string `json:"factor"`
	PerUnit string `json:"perUnit"`
	Metric  Metric `json:"metric"`
	// Unit is that of the metric: the slope is so much of it for each PerUnit.
	Unit Unit `json:"unit"`
	// Rounds is the number of rounds in which every level has a value; only they have
	// a line.
	Rounds int `json:"rounds"`
	// Value is the mean over rounds of the slope of each, with a 95 % interval from
	// the t distribution, absent with fewer than 4 rounds. It is nil where Missing says
	// why.
	Value    *Estimate    `json:"value,omitempty"`
	Missing  string       `json:"missing,omitempty"`
	PerRound []RoundValue `json:"perRound,omitempty"`
	// Linearity says whether the levels lie on a line.
	Linearity Linearity `json:"linearity,omitempty"`
	// Bend is the level that is farthest from the line where Linearity is bent.
	Bend *Bend `json:"bend,omitempty"`
	// Pairs is the number of rounds in which the baseline has a slope as well.
	Pairs int `json:"pairs,omitempty"`
	// Difference is the mean over pairs of the arm's slope less the baseline's, with
	// its 95 % interval; nil where the baseline has none, and for the baseline.
	Difference *Estimate `json:"difference,omitempty"`
	// Ratio is the geometric mean over pairs of the arm's slope by the baseline's, with
	// its 95 % interval; nil unless the interval of either is above 0.
	Ratio *Estimate `json:"ratio,omitempty"`
}

// Bend is how far a level is from the line through the others.
type Bend struct {
	Level string `json:"level"`
	// Off is the level's value less the line's, mean over rounds, in the slope's Unit.
	Off float64 `json:"off"`
}

// Linearity says what is known of a line.
type Linearity string

// The words for a line.
const (
	// LinearityStraight: no level is off the line of the others by more than chance and
	// by more than 10 % of what the line rises.
	LinearityStraight Linearity = "straight"
	// LinearityBent: some level is. The slope is still the least-squares one.
	LinearityBent Linearity = "bent"
	// LinearityUnchecked: two levels, which always lie on a line, or fewer than 4
	// rounds.
	LinearityUnchecked Linearity = "unchecked"
)
