package journal

import (
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
)

// What becomes known later is found beside what was written first.
func TestLateResourcesAreAddedToTheirTrial(t *testing.T) {
	store := Store{Dir: t.TempDir()}
	j, err := store.Create(Header{Plan: plan.Input{RunID: "r1"}})
	if err != nil {
		t.Fatal(err)
	}
	from := func(source v1alpha1.SourceName) v1alpha1.Resources {
		return v1alpha1.Resources{Sources: []v1alpha1.ResourceSource{{Name: source}}}
	}
	inPod := from(v1alpha1.SourceInPod)
	for _, write := range []func() error{
		func() error { return j.Trial(v1alpha1.Trial{ID: "a", Resources: &inPod}) },
		func() error { return j.Trial(v1alpha1.Trial{ID: "b"}) },
		func() error { return j.Resources("b", from(v1alpha1.SourceCAdvisor)) },
		func() error { return j.Resources("a", from(v1alpha1.SourceCAdvisor)) },
		func() error { return j.Resources("of no trial", from(v1alpha1.SourceCAdvisor)) },
		func() error { return j.Idle(v1alpha1.IdleWindow{Window: v1alpha1.Window{Seconds: 10}}) },
		func() error { return j.Replaced("mesh", v1alpha1.Replacement{Reason: "Evicted"}) },
		func() error { return j.Replaced("mesh", v1alpha1.Replacement{Reason: "gone"}) },
		j.Close,
	} {
		if err := write(); err != nil {
			t.Fatal(err)
		}
	}
	e, err := store.Read("r1")
	if err != nil {
		t.Fatal(err)
	}
	if len(e.Trials) != 2 || e.Idle == nil || e.Idle.Window.Seconds != 10 {
		t.Fatalf("%d trials, idle %+v; want 2 and a window of 10 s", len(e.Trials), e.Idle)
	}
	if r := e.Replaced["mesh"]; len(e.Replaced) != 1 || len(r) != 2 || r[0].Reason != "Evicted" || r[1].Reason != "gone" {
		t.Errorf("replaced are %+v", e.Replaced)
	}
	for i, want := range [][]v1alpha1.SourceName{{v1alpha1.SourceInPod, v1alpha1.SourceCAdvisor},
		{v1alpha1.SourceCAdvisor}} {
		var got []v1alpha1.SourceName
		for _, s := range e.Trials[i].Resources.Sources {
			got = append(got, s.Name)
		}
		if len(got) != len(want) || got[0] != want[0] || got[len(got)-1] != want[len(want)-1] {
			t.Errorf("trial %s has sources %v, want %v", e.Trials[i].ID, got, want)
		}
	}
}
