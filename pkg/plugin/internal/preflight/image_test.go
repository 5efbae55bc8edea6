package preflight

import (
	"context"
	"errors"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
)

// What keeps pods from their image is the first that is said of an arm.
func TestAnImageThatPodsCannotGetIsFound(t *testing.T) {
	const never = string(corev1.PullNever)
	has := func(s *site, image string) {
		for i := range s.nodes {
			s.nodes[i].Status.Images = []corev1.ContainerImage{{Names: []string{image}}}
		}
	}
	for name, c := range map[string]struct {
		edit    func(*site)
		policy  string
		secrets []string
		status  Status
		says    string
	}{
		"pulled":    {func(*site) {}, "", nil, "", ""},
		"no secret": {func(*site) {}, "", []string{"pull"}, StatusFail, "create secret docker-registry pull"},
		"a secret": {func(s *site) { s.secrets = map[string]bool{"base/pull": true} }, "", []string{"pull"}, StatusPass,
			"nodes pull"},
		"unreadable": {func(s *site) { s.unread = errors.New("forbidden") }, "", []string{"pull"}, StatusWarn,
			"forbidden"},
		"on no node":     {func(s *site) { has(s, "other:1") }, never, nil, StatusFail, "images --help"},
		"on a node":      {func(s *site) { has(s, "docker.io/library/worker:1") }, never, nil, StatusPass, "has worker:1"},
		"nodes are mute": {func(*site) {}, never, nil, StatusWarn, "does not tell"},
	} {
		s := inOrder()
		c.edit(s)
		in := inputFor(t, s)
		in.Plan = func(_ context.Context, arms []v1alpha1.Arm) (plan.Plan, error) {
			return plan.Make(plan.Input{RunID: "r1", Seed: 1, Experiments: in.Experiments, Arms: arms, Image: "worker:1",
				PullPolicy: c.policy, PullSecrets: c.secrets, Now: now}), nil
		}
		outcomes, _ := ask(t, in)
		found := Status("")
		for i, o := range outcomes {
			if o.Check.Description != "its pods can get their image" || o.Check.Arm != "base" {
				continue
			}
			found = o.Status
			if text := o.Result.Evidence + o.Result.Fix; !strings.Contains(text, c.says) {
				t.Errorf("%s: says %q", name, text)
			}
			if outcomes[i-1].Check.Category != CategoryExperiment {
				t.Errorf("%s: it comes after %q", name, outcomes[i-1].Check.Description)
			}
		}
		if found != c.status {
			t.Errorf("%s: %q, want %q", name, found, c.status)
		}
	}
}
