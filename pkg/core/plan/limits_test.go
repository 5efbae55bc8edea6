package plan_test

import (
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

func TestAPlanSaysWhatItWillNotTell(t *testing.T) {
	with := func(rounds int, edit func(*v1alpha1.Experiment)) v1alpha1.Experiment {
		e := fixture.Named("exp1", rounds)
		if edit != nil {
			edit(&e)
		}
		return e
	}
	baseline := func(e *v1alpha1.Experiment) { e.Spec.Arms = v1alpha1.ArmsBaseline }
	for name, c := range map[string]struct {
		e    v1alpha1.Experiment
		says string
	}{
		"thesis": {with(1, nil), "cannot tell a difference from chance; 4 rounds are the least"},
		"three":  {with(3, nil), "exp1 has 3 rounds of"},
		"with objectives": {with(1, func(e *v1alpha1.Experiment) { e.Spec.SLOs = []string{"p99 < 1s"} }),
			"no objective can be"},
		"four":             {with(4, nil), "only large differences"},
		"standard":         {with(6, nil), ""},
		"baseline, thesis": {with(1, baseline), "not how far they vary"},
		"baseline":         {with(4, baseline), ""},
		"a search": {with(1, func(e *v1alpha1.Experiment) { e.Spec.Search = &v1alpha1.Search{SLO: "p99 < 1s"} }),
			""},
	} {
		got := strings.Join(plan.Plan{Experiments: []v1alpha1.Experiment{c.e}}.Limits(), "\n")
		if (got == "") != (c.says == "") || !strings.Contains(got, c.says) {
			t.Errorf("%s: %q, want %q", name, got, c.says)
		}
	}
}
