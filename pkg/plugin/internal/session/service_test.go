package session

import (
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// What a document asks of somebody's Service must be said on the command line as well,
// and what the Service's owner allows is more than either.
func TestLoadOnAServiceMustBeAllowed(t *testing.T) {
	arm := v1alpha1.Arm{Name: "base", Namespace: "shop"}
	rates := func(all ...v1alpha1.Rate) v1alpha1.Experiment {
		return v1alpha1.Experiment{Metadata: v1alpha1.Metadata{Name: "mine"},
			Spec: v1alpha1.ExperimentSpec{Factors: v1alpha1.Factors{Rate: all}}}
	}
	search := rates(v1alpha1.RateMax)
	search.Spec.Search = &v1alpha1.Search{High: 100}
	for name, c := range map[string]struct {
		method string
		e      v1alpha1.Experiment
		allow  Allowances
		most   v1alpha1.Rate
		want   string
	}{
		"a read":                  {"GET", rates(100, 200), Allowances{}, 200, ""},
		"a head":                  {"HEAD", rates(100), Allowances{}, 200, ""},
		"a write":                 {"POST", rates(100), Allowances{Max: true, Fragile: true}, 200, "--allow-writes"},
		"a write that is allowed": {"POST", rates(100), Allowances{Writes: true}, 200, ""},
		"no rate":                 {"GET", rates(v1alpha1.RateMax), Allowances{Writes: true}, 0, "--allow-max"},
		"no rate among others":    {"GET", rates(10, v1alpha1.RateMax), Allowances{}, 0, "--allow-max"},
		"no rate, which only one allows": {"GET", rates(v1alpha1.RateMax), Allowances{Max: true}, 200,
			"only \"unlimited\" allows one"},
		"no rate, which both allow": {"GET", rates(v1alpha1.RateMax), Allowances{Max: true}, 0, ""},
		"more than the owner allows": {"GET", rates(100, 201), Allowances{Max: true}, 200,
			"allows 200 requests/s, and its rate is 201"},
		"a search":               {"GET", search, Allowances{}, 200, "--allow-max"},
		"a search within bounds": {"GET", search, Allowances{Max: true}, 100, ""},
		"a search beyond them":   {"GET", search, Allowances{Max: true}, 99, "set spec.search.high"},
	} {
		r := Request{Experiments: []v1alpha1.Experiment{c.e}, Allow: c.allow}
		s := v1alpha1.TargetService{Name: "web", Method: c.method}
		err := r.allowedCall(s)
		if err == nil {
			err = r.withinConsent(s, arm, c.most)
		}
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
