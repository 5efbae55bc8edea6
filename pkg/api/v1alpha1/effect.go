package v1alpha1

// Effect is what one factor does to one metric: an arm at one level against the
// same arm at the level with the factor's first value, all other factors being
// equal. Effects are computed from the cells when a report is written.
type Effect struct {
	// Address is of the cell whose level has Value.
	Address
	// Reference is of the cell whose level has First. It belongs to another
	// experiment where two of a run differ in nothing but this factor.
	Reference Address `json:"reference"`
	// Factor is the name of the factor's field in an Experiment.
	Factor string `json:"factor"`
	Value  string `json:"value"`
	First  string `json:"first"`
	// Of says which quantity of the arm is set against itself.
	Of     EffectOf `json:"of"`
	Metric Metric   `json:"metric"`
	// Paired is set if both levels were measured in the same rounds. Experiments of
	// one run follow each other, so that theirs are compared as two samples.
	Paired bool `json:"paired"`
	// Rounds is the number of rounds of the level that have a value, or of pairs.
	Rounds     int        `json:"rounds"`
	Conclusion Conclusion `json:"conclusion"`
	// Ratio is the geometric mean over rounds, with a 95 % interval from the t
	// distribution on the logarithms; of two samples that of Welch's test.
	Ratio *Estimate `json:"ratio,omitempty"`
	// TestPValue is of the two-sided t test that Ratio is 1.
	TestPValue *float64 `json:"testPValue,omitempty"`
	// AdjustedPValue is TestPValue adjusted for all effects of the report (weighted
	// Holm), which are a family apart from the comparisons.
	AdjustedPValue *float64  `json:"adjustedPValue,omitempty"`
	DecidedBy      DecidedBy `json:"decidedBy,omitempty"`
}

// EffectOf says what is set against itself at another level.
type EffectOf string

// The two questions.
const (
	// EffectOfValue: what does the factor do to the arm's own figure?
	EffectOfValue EffectOf = "value"
	// EffectOfRatio: does it change the arm's ratio to the baseline? Ratio is then
	// the ratio at Value divided by that at First.
	EffectOfRatio EffectOf = "ratio"
)
