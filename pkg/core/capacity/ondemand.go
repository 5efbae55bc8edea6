package capacity

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// autopilot begins the names of nodes that GKE's Autopilot made.
const autopilot = "gk3-"

// onDemandLabels are those of nodes that somebody makes when pods wait for them,
// with the only value that says so, or none.
func onDemandLabels() map[string]string {
	return map[string]string{
		"karpenter.sh/nodepool":          "",
		"karpenter.sh/provisioner-name":  "", // before its v1beta1
		"eks.amazonaws.com/compute-type": "auto",
	}
}

// OnDemand says by what it can be seen that a cluster gets nodes when pods wait for
// them; empty if nothing shows it. The cluster autoscaler leaves no mark on nodes.
func OnDemand(nodes []corev1.Node) string {
	for _, n := range nodes {
		for label, value := range onDemandLabels() {
			if have, ok := n.Labels[label]; ok && (value == "" || have == value) {
				return fmt.Sprintf("node %s has label %s", n.Name, label)
			}
		}
		if strings.HasPrefix(n.Name, autopilot) {
			return fmt.Sprintf("node %s is one of GKE's Autopilot", n.Name)
		}
	}
	return ""
}
