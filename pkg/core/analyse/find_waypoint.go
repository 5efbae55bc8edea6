package analyse

import (
	"fmt"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// waypointNotMet finds arms whose namespace asks for a waypoint that no answer
// came through: their figures are those of connections, not of requests.
func waypointNotMet(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, a := range meshed(d) {
		if !a.DataPlane.WaypointAsked || a.DataPlane.Layer != v1alpha1.LayerConnections {
			continue
		}
		out = append(out, v1alpha1.Finding{
			Severity: v1alpha1.SeverityWarn, Scope: v1alpha1.Scope{Arm: a.Name},
			Evidence: fmt.Sprintf("namespace %s asks for a waypoint, and no answer to a probe came through one: requests are "+
				"carried as connections only", a.Namespace),
			Advice: "See whether the waypoint is ready and takes traffic for Services; it is not met by a pod's own address.",
		})
	}
	return out
}
