package experiment

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/factor"
	"github.com/meshbench/kubectl-meshbench/pkg/core/gate"
)

// Resolve fills in defaults and checks every value. The result has nothing
// left to decide but the seed. The error names every field that is wrong.
func Resolve(e v1alpha1.Experiment) (v1alpha1.Experiment, error) {
	e = withDefaults(e)
	if err := check(e); err != nil {
		return v1alpha1.Experiment{}, err
	}
	return e, nil
}

func check(e v1alpha1.Experiment) error {
	var c checker
	for _, problem := range validation.IsDNS1123Label(e.Metadata.Name) {
		c.add("metadata.name", "%q: %s", e.Metadata.Name, problem)
	}
	f, s := e.Spec.Factors, e.Spec.Schedule
	for _, one := range factor.All() {
		one.Check(f, func(format string, args ...any) { c.add("spec.factors."+one.Name(), format, args...) })
	}
	if slices.Max(f.Clients) > slices.Min(f.Connections) {
		c.add("spec.factors.clients", "%d load pods cannot share %d connections: each needs at least one",
			slices.Max(f.Clients), slices.Min(f.Connections))
	}
	checkNodes(&c, e.Spec)
	checkPods(&c, e.Spec.Pods)
	checkSearch(&c, e.Spec)
	checkFaults(&c, e.Spec)
	checkPrecision(&c, e.Spec)
	checkDisturbance(&c, e.Spec)
	oneOf(&c, "spec.arms", []v1alpha1.ArmSet{e.Spec.Arms}, v1alpha1.ArmsAll, v1alpha1.ArmsBaseline)
	if n := len(factor.Levels(f)); n > factor.MaxLevels {
		c.add("spec.factors", "give %d levels, want at most %d: sweep fewer values", n, factor.MaxLevels)
	}

	if _, known := timingOf(s.Profile); !known {
		c.add("spec.schedule.profile", "%q is not one of quick, standard, thesis", s.Profile)
	} else {
		between(&c, "spec.schedule.rounds", []int{s.Rounds}, 1, 1000)
		length(&c, "spec.schedule.duration", s.Duration, time.Second, 24*time.Hour)
		length(&c, "spec.schedule.warmup", *s.Warmup, 0, time.Hour)
	}
	length(&c, "spec.schedule.requestTimeout", s.RequestTimeout, time.Millisecond, time.Minute)
	between(&c, "spec.schedule.repeats", []int{*s.Repeats}, 0, 10)
	if few(&c, "spec.slos", e.Spec.SLOs) {
		for i, slo := range e.Spec.SLOs {
			if _, err := gate.Parse(slo); err != nil {
				c.add(fmt.Sprintf("spec.slos[%d]", i), "%v", err)
			}
		}
	}
	if len(e.Spec.SLOs) > 0 && e.Spec.Arms == v1alpha1.ArmsBaseline {
		c.add("spec.slos",
			"are held to by meshed arms, and only the baseline takes part (spec.arms): nothing would be judged")
	}
	if len(c.problems) == 0 { // else it only adds to the noise
		checkTime(&c, e.Spec)
		checkChain(&c, e.Spec)
		checkMemory(&c, e.Spec)
	}
	size(&c, "spec.load", e.Spec.Load)
	size(&c, "spec.target", e.Spec.Target.PodSize)
	checkService(&c, e.Spec)
	return errors.Join(c.problems...)
}

// checker gathers problems, so that a user sees all of them at once.
type checker struct{ problems []error }

func (c *checker) add(field, format string, args ...any) {
	c.problems = append(c.problems, fmt.Errorf("%s: "+format, append([]any{field}, args...)...))
}

// few reports whether a field has no more values than can be of use. More are
// not looked at one by one: a hostile document has room for hundreds of thousands.
func few[T any](c *checker, field string, values []T) bool {
	if len(values) > factor.MaxLevels {
		c.add(field, "has %d values, want at most %d", len(values), factor.MaxLevels)
		return false
	}
	return true
}

func oneOf[T comparable](c *checker, field string, values []T, allowed ...T) {
	if !few(c, field, values) {
		return
	}
	for _, v := range values {
		if !slices.Contains(allowed, v) {
			c.add(field, "%v is not one of %v", v, allowed)
		}
	}
	distinct(c, field, values)
}

func between[T int | int64 | v1alpha1.Rate](c *checker, field string, values []T, low, high T) {
	if !few(c, field, values) {
		return
	}
	for _, v := range values {
		if v < low || v > high {
			c.add(field, "%v is not between %v and %v", v, low, high)
		}
	}
	distinct(c, field, values)
}

func distinct[T comparable](c *checker, field string, values []T) {
	for i, v := range values {
		if slices.Contains(values[:i], v) {
			c.add(field, "%v is given twice", v)
		}
	}
}

func length(c *checker, field string, d v1alpha1.Duration, low, high time.Duration) {
	if d.Duration < low || d.Duration > high {
		c.add(field, "%s is not between %s and %s", d.Duration, low, high)
	}
}

func size(c *checker, field string, p v1alpha1.PodSize) {
	if p.CPURequest.Sign() <= 0 || p.CPURequest.Cmp(p.CPULimit.Quantity) > 0 {
		c.add(field+".cpuRequest", "%s is not between 0 and cpuLimit, %s", p.CPURequest, p.CPULimit)
	}
	if p.Memory.Value() < 32<<20 {
		c.add(field+".memory", "%s is less than 32Mi, which the worker needs", p.Memory)
	}
}
