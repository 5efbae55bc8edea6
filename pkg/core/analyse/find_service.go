package analyse

import (
	"fmt"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

const (
	codeSafetyStop     = "safety-stop"
	codeServiceChanged = "service-changed"
)

// safetyStops names the trials in which load on a user's Service ended itself. The run
// ended with it, so nothing of the experiment is compared: what it had, it had before
// the Service was in trouble.
func safetyStops(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, t := range d.report.Trials {
		if t.Stopped == nil {
			continue
		}
		out = append(out, v1alpha1.Finding{
			Severity: v1alpha1.SeverityVoid, Scope: v1alpha1.Scope{Experiment: t.Experiment}, Trial: t.ID,
			Evidence: fmt.Sprintf("%s, level %s: %s", t.Arm, t.Level, t.Reason),
			Advice: "Look at the Service and its logs at that time. It may be the mesh that failed: the other arms had the " +
				"same load. A lower rate, or spec.target.service.stop, is for when you know why.",
		})
	}
	return out
}

// serviceChanged says what happened to a user's Service during the run.
func serviceChanged(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, a := range d.report.Arms {
		if a.Service == nil {
			continue
		}
		for _, c := range a.Service.Changes {
			out = append(out, v1alpha1.Finding{
				Severity: v1alpha1.SeverityWarn, Scope: v1alpha1.Scope{Arm: a.Name},
				Evidence: fmt.Sprintf("Service %s changed during the run, as was noticed at %s: %s", a.Service.Name,
					c.At.UTC().Format("15:04:05 UTC"), c.What),
				Advice: "The run changed nothing of it: see who rolled it out, scaled it, or why it restarted. Trials before " +
					"and after it met another service.",
			})
		}
	}
	return out
}
