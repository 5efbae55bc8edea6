package analyse_test

import (
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

// chained are three hops of which the first makes three calls at once, with what the
// first received and called, what the second received and called, and the third
// received as well.
func chained(first, called, second, third int64) fixture.Options {
	e := fixture.Named("exp1", 6)
	e.Spec.Factors.Hops, e.Spec.Factors.FanOut = v1alpha1.Values[int]{3}, v1alpha1.Values[int]{3}
	none := int64(0)
	hops := func(first, called, second, third int64) *v1alpha1.ReceivedCount {
		return &v1alpha1.ReceivedCount{Sent: first, Received: first, Hops: []v1alpha1.HopCount{
			{Pod: "target", Received: first, Called: &called, Failed: &none},
			{Pod: "hop-2", Received: second, Called: &second, Failed: &none}, {Pod: "hop-3", Received: third}}}
	}
	return fixture.Options{Experiment: e, Edit: func(t *v1alpha1.Trial) {
		whole := int64(3000)
		if t.Received = hops(1000, whole, whole, whole); t.Arm == "meshy" {
			t.Received = hops(first, called, second, third)
		}
	}}
}

func TestChainsAreWholeOrSaidNotToBe(t *testing.T) {
	for name, c := range map[string]struct {
		with     fixture.Options
		severity v1alpha1.Severity
		says     string
	}{
		"whole":        {with: chained(1000, 3000, 3000, 3000)},
		"a probe more": {with: chained(1000, 3000, 3001, 3001)},
		"calls were not made": {chained(1000, 1000, 1000, 1000), v1alpha1.SeverityVoid,
			"hop 1 was to make 3000 calls and made 1000"},
		"somebody else answers":   {chained(1000, 3000, 3000, 10), v1alpha1.SeverityVoid, "and hop 3 received 10"},
		"sent again between hops": {chained(1000, 3000, 3600, 3600), v1alpha1.SeverityWarn, "hop 2 received 3600"},
		"sent again at the end":   {chained(1000, 3000, 3000, 3600), v1alpha1.SeverityWarn, "hop 3 received 3600"},
		"one of them did not tell": {silent(func(t *v1alpha1.Trial) { t.Received.Hops = nil }),
			v1alpha1.SeverityWarn, "not every hop told"},
		"nor did the first": {silent(func(t *v1alpha1.Trial) { t.Received = nil }),
			v1alpha1.SeverityWarn, "not every hop told"},
		"nor what it called": {silent(func(t *v1alpha1.Trial) { t.Received.Hops[1].Called = nil }),
			v1alpha1.SeverityWarn, "not every hop told"},
	} {
		var said []v1alpha1.Finding
		for _, f := range complete(t, c.with, nil).Findings {
			if f.Code == "chain-broken" {
				said = append(said, f)
			}
		}
		switch {
		case c.says == "" && len(said) > 0, c.says != "" && len(said) != 1:
			t.Errorf("%s: findings %+v", name, said)
		case c.says != "" && (said[0].Severity != c.severity || !strings.Contains(said[0].Evidence, c.says)):
			t.Errorf("%s: finding %+v, want %s with %q", name, said[0], c.severity, c.says)
		}
	}
}

// silent is a chain of which something was not told.
func silent(of func(*v1alpha1.Trial)) fixture.Options {
	o := chained(1000, 3000, 3000, 3000)
	told := o.Edit
	o.Edit = func(t *v1alpha1.Trial) {
		if told(t); t.Arm == "meshy" {
			of(t)
		}
	}
	return o
}
