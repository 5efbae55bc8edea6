package v1alpha1

// Address names a cell of a report: one arm at one level of one experiment.
type Address struct {
	Experiment string `json:"experiment"`
	Level      string `json:"level"`
	Arm        string `json:"arm"`
}

// Of is the same level's address of another arm.
func (a Address) Of(arm string) Address {
	a.Arm = arm
	return a
}

// Scope is the address of whatever something holds for; an empty field means
// all of its kind.
type Scope struct {
	Experiment string `json:"experiment,omitempty"`
	Level      string `json:"level,omitempty"`
	Arm        string `json:"arm,omitempty"`
}

// Covers reports whether a cell is within the scope.
func (s Scope) Covers(a Address) bool {
	within := func(scope, name string) bool { return scope == "" || scope == name }
	return within(s.Experiment, a.Experiment) && within(s.Level, a.Level) && within(s.Arm, a.Arm)
}

// Cell is the address of the cell that a trial belongs to.
func (t Trial) Cell() Address {
	return Address{Experiment: t.Experiment, Level: t.Level, Arm: t.Arm}
}
