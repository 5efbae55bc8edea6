package preflight

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/arms"
	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
)

// ofArm are the checks of one arm.
func (c *checker) ofArm(arm v1alpha1.Arm) []Check {
	about := func(category Category, severity Severity, description string,
		ask func(context.Context, Cluster, v1alpha1.Arm) Result) Check {
		return Check{Category: category, Arm: arm.Name, Severity: severity, Description: description,
			Ask: func(ctx context.Context) Result {
				in, err := c.In(arm.Context)
				if err != nil {
					return broken(err.Error(), "")
				}
				return ask(ctx, in, arm)
			}}
	}
	checks := []Check{
		about(CategoryNamespaces, Stops, "the namespace takes new objects", notTerminating),
		about(CategoryPermissions, Stops, "you may do there all that a run does", mayRun),
		about(CategoryAdmission, Stops, "the API server would accept its pods", c.admitted),
		about(CategoryQuota, Stops, "its pods fit into the namespace's quota", c.quota),
	}
	if arm.Role == v1alpha1.RoleBaseline {
		checks = append(checks, about(CategoryMesh, Stops, "no proxy is injected into the baseline", c.notInjected))
	} else {
		checks = append(checks, about(CategoryMesh, Stops, "its pods join the mesh", c.injected))
	}
	return append(checks,
		about(CategoryNetwork, Spoils, "its network policies let load pods reach the target, and names be found", c.passage),
		about(CategoryLeftovers, Spoils, "no earlier run left anything there", c.leftovers))
}

func notTerminating(ctx context.Context, in Cluster, arm v1alpha1.Arm) Result {
	ns, err := in.Namespace(ctx, arm.Namespace)
	if err != nil {
		return broken(err.Error(), "")
	}
	if ns.Terminating {
		return broken(fmt.Sprintf("namespace %s is being deleted", arms.PlaceOf(arm)), "use another namespace")
	}
	if level := ns.Labels[labelEnforce]; level != "" {
		return holds("namespace %s enforces Pod Security %q; our pods comply with \"restricted\"", arms.PlaceOf(arm), level)
	}
	return holds("namespace %s enforces no Pod Security level by its labels", arms.PlaceOf(arm))
}

func mayRun(ctx context.Context, in Cluster, arm v1alpha1.Arm) Result {
	role, text, err := shippedRole()
	if err != nil {
		return broken(err.Error(), "")
	}
	wanted := permissionsOf(role, arm.Namespace)
	denied, err := missing(ctx, in, wanted)
	if err != nil {
		return unknown(err.Error(), "")
	}
	if len(denied) == 0 {
		return holds("%d permissions, those of the shipped Role", len(wanted))
	}
	var names []string
	for _, p := range denied {
		names = append(names, p.String())
	}
	fix := fmt.Sprintf("create this Role in namespace %s and bind it to yourself\n", arms.PlaceOf(arm))
	for line := range strings.Lines(text) {
		fix += "  " + line
	}
	return broken("you may not "+strings.Join(names, ", "), fix)
}

// leftovers finds objects of earlier runs, and runs that go on.
func (c *checker) leftovers(ctx context.Context, in Cluster, arm v1alpha1.Arm) Result {
	objects, err := in.Leftovers(ctx, arm.Namespace, "")
	if err != nil {
		return unknown(err.Error(), "")
	}
	objects, others := kube.Ours(objects)
	if len(objects) == 0 {
		if len(others) > 0 {
			return holds("namespace %s holds none of our objects; %s: labelled, but not ours (%s)", arms.PlaceOf(arm),
				others[0], others[0].NotOurs)
		}
		return holds("namespace %s holds none of our objects", arms.PlaceOf(arm))
	}
	runs := map[string]int{}
	var alive string
	for _, o := range objects {
		runs[o.RunID]++
		if o.AliveNow(c.Now) {
			alive = o.RunID
		}
	}
	if alive != "" {
		return broken(fmt.Sprintf("run %s goes on there now, and would share nodes with another", alive), "wait for its end")
	}
	var parts, lines []string
	for _, run := range slices.Sorted(maps.Keys(runs)) {
		parts = append(parts, fmt.Sprintf("run %s left %s", run, namesOf(objects, run)))
		lines = append(lines, "  "+c.Say.Plugin(arm.Context, "cleanup", "--run", run, "--namespaces", arm.Namespace))
	}
	return broken(strings.Join(parts, "; "), "remove them with\n"+strings.Join(lines, "\n"))
}

// namesOf lists a few objects of a run.
func namesOf(objects []kube.Object, run string) string {
	const shown = 3
	var names []string
	for _, o := range objects {
		if o.RunID == run {
			names = append(names, o.Kind+"/"+o.Name)
		}
	}
	if more := len(names) - shown; more > 0 {
		names = append(names[:shown], fmt.Sprintf("%d more", more))
	}
	return strings.Join(names, ", ")
}
