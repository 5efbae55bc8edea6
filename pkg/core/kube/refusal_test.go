package kube

import (
	"strings"
	"testing"
)

// What refuses decides what helps: sizes mend no label and no user id.
func TestARefusalIsMendedByWhatItNames(t *testing.T) {
	for text, want := range map[string]string{
		`pods "x" is forbidden: exceeded quota: q, requested: pods=1`:          "raise the quota of namespace shop",
		`maximum cpu usage per Container is 1, but limit is 2`:                 "limit range of namespace shop",
		`violates PodSecurity "restricted:latest": x`:                          "something changed them",
		`admission webhook "labels.example" denied the request: no label team`: "spec.pods",
		`unable to validate against any security context constraint: x`:        "restricted-v2",
		`error looking up service account shop/bench: not found`:               "spec.pods.serviceAccountName",
		`no PriorityClass with name batch was found`:                           "spec.pods.priorityClassName",
		`failed calling webhook "inject.example": connection refused`:          "namespaceSelector",
		`unable to create new content in namespace shop: it is terminating`:    "",
	} {
		got := RefusalAdvice(text, "shop")
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
		if !strings.Contains(text, "quota") && !strings.Contains(text, "Container is") && strings.Contains(got, "spec.load") {
			t.Errorf("%s: %q would not help", text, got)
		}
	}
}
