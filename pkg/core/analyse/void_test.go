package analyse_test

import (
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/analyse"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

// A baseline in the mesh, or a meshed arm that is not, voids what searches and
// ceilings say of them too.
func TestVoidArmsAreNotComparedAnywhere(t *testing.T) {
	for name, edit := range map[string]func(*v1alpha1.Report){
		"clean":                   func(*v1alpha1.Report) {},
		"a meshed baseline":       func(r *v1alpha1.Report) { r.Arms[0].DataPlane.Path = v1alpha1.PathBothSides },
		"an arm outside its mesh": func(r *v1alpha1.Report) { r.Arms[1].DataPlane.Path = v1alpha1.PathNone },
	} {
		t.Run(name, func(t *testing.T) {
			r, levels := fixture.Search(fixture.SearchOptions{})
			capacity, more := fixture.Report(fixture.Options{Experiment: fixture.Capacity(4)})
			r, levels = fixture.Join(r, levels, capacity, more)
			edit(&r)
			done, err := analyse.Complete(analyse.Input{Report: r, Levels: levels})
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range done.Searches {
				if want := name == "clean" && s.Arm == "meshy"; (s.Ratio != nil) != want {
					t.Errorf("the ratio of %s is %+v", s.Arm, s.Ratio)
				}
			}
			if want := name != "a meshed baseline"; (len(done.Ceilings) > 0) != want {
				t.Errorf("ceilings are %+v", done.Ceilings)
			}
		})
	}
}
