package factor

import (
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// MaxLevels bounds the levels of an experiment, and so the values of a factor.
const MaxLevels = 100

// Setting is what the factors of a level set: what one load pod is told, and
// how the trial's pods are laid out.
type Setting struct {
	// Spec is that of one load pod; Client counts them from 0.
	Spec      wire.LoadSpec
	Placement v1alpha1.Placement
}

// Apply sets what a level asks of one load pod of a trial, counted from 0.
func Apply(l v1alpha1.Level, client int) Setting {
	s := Setting{Spec: wire.LoadSpec{Client: client}}
	for _, f := range All() {
		f.apply(l, &s)
	}
	return s
}

// Axis is where a factor's values have a place in a figure.
type Axis struct {
	Label string
	Unit  v1alpha1.Unit
	// At is the level's place; ok is false where it has none, as "max" has.
	At func(v1alpha1.Level) (place float64, ok bool)
	// Per names one step on the axis, such as hop, where each adds what it costs to
	// the ones before; empty where a line over the values means nothing.
	Per string
}

// Factor is one thing that experiments vary, whatever the type of its values.
type Factor struct {
	name, column string
	axis         *Axis
	apply        func(v1alpha1.Level, *Setting)
	fill         func(*v1alpha1.ExperimentSpec)
	check        func(v1alpha1.Factors, problems)
	sweep        func([]v1alpha1.Level, v1alpha1.Factors) []v1alpha1.Level
	deep         func(v1alpha1.Level, *v1alpha1.Factors)
	clear        func(*v1alpha1.Level)
	bounds       func(ceiling, other v1alpha1.Level) bool
	cell, phrase func(v1alpha1.Level) string
	value        func(v1alpha1.Level) string
}

type problems func(format string, args ...any)

// definition is a row of the table for a factor with values of type T.
type definition[T comparable] struct {
	// name is that of the field in documents.
	name string
	// values are the factor's in a document.
	values func(*v1alpha1.Factors) *v1alpha1.Values[T]
	// fallback is the value where a document gives none.
	fallback func(v1alpha1.ExperimentSpec) T
	// allowed says what is wrong with a value; empty if nothing is.
	allowed func(T) string
	// deep is the value that `check --deep` uses, given that of the first level.
	deep func(T) T
	// bounds reports whether a closed loop's throughput at the first value can only
	// be less at the second.
	bounds func(ceiling, other T) bool
	// column is the factor's in CSV, with its unit, and cell its value there.
	column string
	cell   func(T) string
	// phrase says the value in a sentence about a level; empty for what goes
	// without saying. If nil, others say it.
	phrase func(T) string
	// axis is nil where the values have no place on one.
	axis *axis[T]
}

type axis[T any] struct {
	label string
	unit  v1alpha1.Unit
	at    func(T) (float64, bool)
	per   string
}

// of makes a factor of its definition, of where its value stands in a level, and
// of what it sets of a trial.
func of[T comparable](
	d definition[T], at func(*v1alpha1.Level) *T, apply func(v1alpha1.Level, *Setting),
) Factor {
	get := func(l v1alpha1.Level) T { return *at(&l) }
	f := Factor{
		name: d.name, column: d.column, apply: apply,
		fill: func(s *v1alpha1.ExperimentSpec) {
			if v := d.values(&s.Factors); len(*v) == 0 {
				*v = v1alpha1.Values[T]{d.fallback(*s)}
			}
		},
		check: func(all v1alpha1.Factors, add problems) { d.check(*d.values(&all), add) },
		sweep: func(levels []v1alpha1.Level, all v1alpha1.Factors) []v1alpha1.Level {
			values := *d.values(&all)
			if len(values) == 0 { // a document of a release without this factor
				values = v1alpha1.Values[T]{d.fallback(v1alpha1.ExperimentSpec{Factors: all})}
			}
			return sweep(levels, d.name, values, at)
		},
		deep:   func(l v1alpha1.Level, to *v1alpha1.Factors) { *d.values(to) = v1alpha1.Values[T]{d.deep(get(l))} },
		clear:  func(l *v1alpha1.Level) { var none T; *at(l) = none },
		bounds: func(ceiling, other v1alpha1.Level) bool { return d.bounds(get(ceiling), get(other)) },
		cell:   func(l v1alpha1.Level) string { return d.cell(get(l)) },
		value:  func(l v1alpha1.Level) string { return text(get(l)) },
		phrase: func(l v1alpha1.Level) string {
			if d.phrase == nil {
				return ""
			}
			return d.phrase(get(l))
		},
	}
	if d.axis != nil {
		f.axis = &Axis{Label: d.axis.label, Unit: d.axis.unit, Per: d.axis.per,
			At: func(l v1alpha1.Level) (float64, bool) { return d.axis.at(get(l)) }}
	}
	return f
}

// ofRequest makes a factor of what every request asks for. It needs nothing
// applied: requests go to the worker as they stand in the level.
func ofRequest[T comparable](d definition[T], at func(*v1alpha1.Request) *T) Factor {
	return of(d, func(l *v1alpha1.Level) *T { return at(&l.Request) },
		func(l v1alpha1.Level, to *Setting) { *at(&to.Spec.Request) = *at(&l.Request) })
}

// check finds values that are not allowed, and those that are given twice. More
// than can be of use are not looked at one by one: a hostile document has room
// for hundreds of thousands.
func (d definition[T]) check(values []T, add problems) {
	if len(values) > MaxLevels {
		add("has %d values, want at most %d", len(values), MaxLevels)
		return
	}
	for i, v := range values {
		if problem := d.allowed(v); problem != "" {
			add("%s", problem)
		}
		if slices.Contains(values[:i], v) {
			add("%s is given twice", text(v))
		}
	}
}

// sweep returns every level once for each value of one factor.
func sweep[T any](
	levels []v1alpha1.Level, name string, values []T, at func(*v1alpha1.Level) *T,
) []v1alpha1.Level {
	var out []v1alpha1.Level
	for _, level := range levels {
		for _, v := range values {
			next := level
			*at(&next) = v
			if len(values) > 1 {
				if next.ID != "" {
					next.ID += ","
				}
				next.ID += name + "=" + text(v)
			}
			out = append(out, next)
			if len(out) > MaxLevels {
				return out // enough to be refused; a hostile document could ask for billions
			}
		}
	}
	return out
}
