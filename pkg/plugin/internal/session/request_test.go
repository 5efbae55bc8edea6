package session

import (
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// A journal may be damaged, or of another version: planning it again must not panic.
func TestDamagedJournalsAreNotPlanned(t *testing.T) {
	key := wire.Key{1}
	arms := []v1alpha1.Arm{{Name: "plain", Namespace: "plain", Role: v1alpha1.RoleBaseline}}
	e, err := experiment.Named("exp1")
	if err != nil {
		t.Fatal(err)
	}
	for name, in := range map[string]plan.Input{
		"no key":      {Arms: arms, Experiments: []v1alpha1.Experiment{e}},
		"of tomorrow": {Arms: arms, Experiments: []v1alpha1.Experiment{e}, Key: key, Now: time.Now().Add(24 * time.Hour)},
		"a place outside": {Key: key, Experiments: []v1alpha1.Experiment{e},
			Arms: []v1alpha1.Arm{{Name: "plain", Namespace: "../kube-system", Role: v1alpha1.RoleBaseline}}},
		"empty": {}, "no arms": {Experiments: []v1alpha1.Experiment{e}}, "no experiment": {Arms: arms},
		"bad experiment": {Arms: arms, Experiments: []v1alpha1.Experiment{{}}, Key: key},
	} {
		if err := replannable(in); err == nil {
			t.Errorf("%s: it is planned", name)
		}
	}
	in := plan.Input{Arms: arms, Key: key, Experiments: []v1alpha1.Experiment{e}} // not resolved
	if err := replannable(in); err != nil {
		t.Fatal(err)
	}
	if p := plan.Make(in); len(p.Trials) != 6 {
		t.Errorf("%d trials, want 6", len(p.Trials))
	}
}

// A rehearsal speaks every protocol of the experiments, once.
func TestARehearsalSpeaksEveryProtocol(t *testing.T) {
	var all []v1alpha1.Experiment
	for _, name := range []string{"exp1", "exp4", "exp2"} {
		e, err := experiment.Named(name)
		if err == nil {
			e, err = experiment.Resolve(e)
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	p := plan.Make(plan.Input{RunID: "r1", Experiments: tiny(all), Arms: []v1alpha1.Arm{
		{Name: "plain", Namespace: "plain", Role: v1alpha1.RoleBaseline},
		{Name: "meshy", Namespace: "meshy", Role: v1alpha1.RoleMeshed}}})
	if len(p.Trials) != 4 || len(p.Run.Protocols) != 2 {
		t.Fatalf("%d trials of protocols %v, want 4 of 2", len(p.Trials), p.Run.Protocols)
	}
	for _, trial := range p.Trials {
		if trial.Schedule.Duration.Seconds() != 1 || trial.Level.Connections != 1 {
			t.Errorf("trial %s takes %s on %d connections", trial.ID(1), trial.Schedule.Duration, trial.Level.Connections)
		}
	}
}
