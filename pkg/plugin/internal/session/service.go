package session

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/arms"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/workload"
)

// Allowances are what somebody must say on the command line before load goes to a
// Service of theirs. No document and no journal says it for them.
type Allowances struct {
	// Max allows load without a rate, Writes methods that change something, and
	// Fragile a Service that is autoscaled or has one ready endpoint.
	Max, Writes, Fragile bool
}

// Args are the flags that say it.
func (a Allowances) Args() []string {
	var args []string
	for _, f := range []struct {
		given bool
		name  string
	}{{a.Max, "--allow-max"}, {a.Writes, "--allow-writes"}, {a.Fragile, "--allow-fragile"}} {
		if f.given {
			args = append(args, f.name)
		}
	}
	return args
}

// called finds the Service of the user's that a request is for, and refuses load that
// it, or the command line, does not allow; nothing where there are targets.
func (r Request) called(ctx context.Context, at *Clusters, found []v1alpha1.Arm) (map[string]workload.Called, error) {
	s := experiment.Service(r.Experiments)
	if s == nil {
		return nil, nil
	}
	if err := r.allowedCall(*s); err != nil {
		return nil, err
	}
	consenting, err := arms.Consents(ctx, func(context string) (arms.Services, error) { return at.In(context) }, *s, found,
		r.Say)
	if err != nil {
		return nil, err
	}
	if len(consenting.Fragile) > 0 && !r.Allow.Fragile {
		return nil, invalid("%s: if that is what you want to load, say so with --allow-fragile",
			strings.Join(consenting.Fragile, "; "))
	}
	for _, arm := range found {
		if err := r.withinConsent(*s, arm, consenting.Called[arm.Name].MaxRate); err != nil {
			return nil, err
		}
	}
	return consenting.Called, nil
}

// allowedCall holds a call to what the command line allows.
func (r Request) allowedCall(s v1alpha1.TargetService) error {
	if !slices.Contains([]string{http.MethodGet, http.MethodHead}, s.Method) && !r.Allow.Writes {
		return invalid("spec.target.service.method is %s, and meshes send requests again: what it changes may be changed "+
			"twice. If it may, say so with --allow-writes", s.Method)
	}
	if r.Allow.Max {
		return nil
	}
	for _, e := range r.Experiments {
		if e.Spec.Search != nil {
			return invalid("experiment %s searches for the highest rate, on Service %s: say with --allow-max that you want "+
				"that", e.Metadata.Name, s.Name)
		}
		if slices.Contains(e.Spec.Factors.Rate, v1alpha1.RateMax) {
			return invalid("experiment %s has no rate, and load on Service %s needs one, such as --rate 100: "+
				"without holding back it is --allow-max", e.Metadata.Name, s.Name)
		}
	}
	return nil
}

// withinConsent holds the rates of all levels to an arm's annotation; most is 0 for any.
func (r Request) withinConsent(s v1alpha1.TargetService, arm v1alpha1.Arm, most v1alpha1.Rate) error {
	if most == 0 {
		return nil
	}
	allows := fmt.Sprintf("annotation %s of Service %s in namespace %s allows %v requests/s", v1alpha1.AnnotationMaxRate,
		s.Name, arms.PlaceOf(arm), float64(most))
	for _, e := range r.Experiments {
		highest := slices.Max(e.Spec.Factors.Rate)
		switch search := e.Spec.Search; {
		case search != nil && (search.High == 0 || search.High > most):
			return invalid("experiment %s: %s: set spec.search.high to at most that", e.Metadata.Name, allows)
		case search == nil && slices.Contains(e.Spec.Factors.Rate, v1alpha1.RateMax):
			return invalid("experiment %s: %s, and a closed loop has no rate: only %q allows one", e.Metadata.Name, allows,
				v1alpha1.MaxRateUnlimited)
		case highest > most:
			return invalid("experiment %s: %s, and its rate is %v", e.Metadata.Name, allows, float64(highest))
		}
	}
	return nil
}
