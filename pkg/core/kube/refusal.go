package kube

import (
	"fmt"
	"strings"
)

// RefusalAdvice is what to do about an API server that would not take a pod of
// ours, by its own words; empty where they name nothing that is known.
func RefusalAdvice(text, namespace string) string {
	for _, known := range []struct {
		words  []string
		advice string
	}{
		{[]string{"exceeded quota", "failed quota"},
			"raise the quota of namespace %s, or lower spec.load and spec.target in the experiment"},
		{[]string{"per Container is", "per Pod is", "limit to request ratio"},
			"change the limit range of namespace %s, or spec.load and spec.target in the experiment"},
		{[]string{"violates PodSecurity"},
			"our pods comply with \"restricted\", so something changed them in namespace %s: " +
				"'kubectl meshbench check' names it"},
		{[]string{"no PriorityClass with name"}, "create that PriorityClass, or change spec.pods.priorityClassName"},
		{[]string{"runtimeclass", "RuntimeClass"}, "create that RuntimeClass, or change spec.pods.runtimeClassName"},
		{[]string{"error looking up service account"},
			"create that ServiceAccount in namespace %s, or change spec.pods.serviceAccountName"},
		{[]string{"failed calling webhook"},
			"a webhook that must agree cannot be reached: fix its Service, or take the namespace out of its " +
				"namespaceSelector"},
		{[]string{"unable to validate against any security context constraint"},
			"the cluster's security context constraints refuse our pods: let the service account of namespace %s use " +
				"restricted-v2"},
		{[]string{"admission webhook", "ValidatingAdmissionPolicy"},
			"a policy of this cluster refuses our pods: exempt namespace %s from it, give them what it asks for with " +
				"spec.pods, " +
				"or change what it names"},
	} {
		for _, word := range known.words {
			if !strings.Contains(text, word) {
				continue
			}
			if strings.Contains(known.advice, "%s") {
				return fmt.Sprintf(known.advice, namespace)
			}
			return known.advice
		}
	}
	return ""
}
