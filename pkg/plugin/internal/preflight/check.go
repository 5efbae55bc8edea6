package preflight

import (
	"context"
	"fmt"
)

// Check is one question about whether a run can be done and believed. It is a
// value: what is asked, what a bad answer means, and how to ask.
type Check struct {
	// Category groups checks, and Arm names the arm that is asked about, if it is
	// about one.
	Category Category
	Arm      string
	// Description is the statement that holds if the check passes.
	Description string
	Severity    Severity
	// Ask changes nothing in the cluster, unless the check is one of those that
	// were asked for with --deep.
	Ask func(context.Context) Result
	// Opens gives the checks that make sense only if this one did not fail.
	Opens func() []Check
}

// Category is a stable word for machines, and a heading for people.
type Category string

// The categories.
const (
	CategoryCluster     Category = "cluster"
	CategoryExperiment  Category = "experiment"
	CategoryNamespaces  Category = "namespaces"
	CategoryPermissions Category = "permissions"
	CategoryAdmission   Category = "admission"
	CategoryMesh        Category = "mesh"
	CategoryQuota       Category = "quota"
	CategoryNetwork     Category = "network"
	CategoryLeftovers   Category = "leftovers"
	CategoryNodes       Category = "nodes"
	CategoryProbe       Category = "probe"
)

// Severity says what it means if a check's statement does not hold.
type Severity int

// The severities.
const (
	// Stops: no run, or none that compares anything.
	Stops Severity = iota
	// Spoils: a run can be done, but says less than it could.
	Spoils
)

// Answer is what a check has found.
type Answer int

// The answers.
const (
	Holds Answer = iota
	Broken
	// Unknown: it could not be told. That never fails a check.
	Unknown
)

// Result is an answer with its reasons.
type Result struct {
	Answer Answer
	// Evidence is what was seen.
	Evidence string
	// Fix is what to do, if the answer is not Holds. It may be of several lines.
	Fix string
}

func holds(format string, args ...any) Result {
	return Result{Answer: Holds, Evidence: fmt.Sprintf(format, args...)}
}

func broken(evidence, fix string) Result { return Result{Broken, evidence, fix} }

func unknown(evidence, fix string) Result { return Result{Unknown, evidence, fix} }

// Status is the word for a check's outcome.
type Status string

// The statuses.
const (
	StatusPass Status = "PASS"
	StatusWarn Status = "WARN"
	StatusFail Status = "FAIL"
)

// Outcome is a check that was asked.
type Outcome struct {
	Check  Check
	Result Result
	Status Status
}

// Tally counts outcomes.
type Tally struct{ Passed, Warned, Failed int }

// All is the number of checks that were asked.
func (t Tally) All() int { return t.Passed + t.Warned + t.Failed }

// Observer sees outcomes as they come. Finish comes after the last.
type Observer interface {
	Checked(Outcome)
	Finish(Tally) error
}

// Run asks the checks in their order, each followed by those that it opens, and
// tells what comes of them. It stops asking when ctx ends.
func Run(ctx context.Context, checks []Check, see func(Outcome)) Tally {
	var sum Tally
	for _, c := range checks {
		if ctx.Err() != nil {
			return sum
		}
		o := Outcome{Check: c, Result: c.Ask(ctx)}
		if ctx.Err() != nil {
			return sum // the answer is about our stopping, not about the cluster
		}
		switch {
		case o.Result.Answer == Holds:
			o.Status, sum.Passed = StatusPass, sum.Passed+1
		case o.Result.Answer == Broken && c.Severity == Stops:
			o.Status, sum.Failed = StatusFail, sum.Failed+1
		default:
			o.Status, sum.Warned = StatusWarn, sum.Warned+1
		}
		see(o)
		if o.Status == StatusFail || c.Opens == nil {
			continue
		}
		more := Run(ctx, c.Opens(), see)
		sum.Passed, sum.Warned, sum.Failed = sum.Passed+more.Passed, sum.Warned+more.Warned, sum.Failed+more.Failed
	}
	return sum
}
