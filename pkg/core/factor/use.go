package factor

import "github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"

// Name is that of the factor's field in documents.
func (f Factor) Name() string { return f.name }

// Fill sets the factor of an experiment to its default if it has no value.
func (f Factor) Fill(s *v1alpha1.ExperimentSpec) { f.fill(s) }

// Filled is an experiment with the default of every factor that it has no value of: in
// documents and reports of older releases those are the factors that came later.
func Filled(s v1alpha1.ExperimentSpec) v1alpha1.ExperimentSpec {
	for _, f := range All() {
		f.Fill(&s)
	}
	return s
}

// Check tells add what is wrong with the factor's values.
func (f Factor) Check(all v1alpha1.Factors, add func(format string, args ...any)) { f.check(all, add) }

// Rest is what a level says of all other factors: the same for levels that differ in
// nothing but this factor and their ids.
func (f Factor) Rest(l v1alpha1.Level) v1alpha1.Level {
	l.ID = ""
	f.clear(&l)
	return l
}

// Column is the factor's column in CSV, with its unit, and Cell a level's value
// in it.
func (f Factor) Column() string { return f.column }

// Cell is a level's value in Column.
func (f Factor) Cell(l v1alpha1.Level) string { return f.cell(l) }

// Value is a level's value as a document says it, as in the level's id.
func (f Factor) Value(l v1alpha1.Level) string { return f.value(l) }

// Phrase says a level's value as a part of a sentence, such as "2 load pods";
// empty for what goes without saying.
func (f Factor) Phrase(l v1alpha1.Level) string { return f.phrase(l) }

// Axis is where the factor's values have a place in a figure; ok is false if
// they have none.
func (f Factor) Axis() (a Axis, ok bool) {
	if f.axis == nil {
		return Axis{}, false
	}
	return *f.axis, true
}

// Levels unfolds factors into every combination of their values, in the order
// in which the document gives them. Only the swept ones appear in a level's id,
// which is empty where nothing is swept. It stops one beyond MaxLevels.
func Levels(all v1alpha1.Factors) []v1alpha1.Level {
	levels := []v1alpha1.Level{{}}
	for _, f := range All() {
		levels = f.sweep(levels, all)
	}
	return levels
}

// Deep are the factors of the one trial with which `check --deep` tries a level.
func Deep(l v1alpha1.Level) v1alpha1.Factors {
	var out v1alpha1.Factors
	for _, f := range All() {
		f.deep(l, &out)
	}
	return out
}

// Bounds reports whether the throughput that a closed loop reached at one level
// can only be less at the other: the same way there, and no less to do. Rates
// are left aside.
func Bounds(ceiling, other v1alpha1.Level) bool {
	for _, f := range All() {
		if !f.bounds(ceiling, other) {
			return false
		}
	}
	return true
}
