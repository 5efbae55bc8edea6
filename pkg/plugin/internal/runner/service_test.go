package runner

import (
	"errors"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/core/workload"
)

// A Service's owner can take back at any time what he allowed.
func TestConsentThatIsTakenBackEndsTheRun(t *testing.T) {
	arm := v1alpha1.Arm{Name: "base", Namespace: "shop"}
	service := func(uid, allows string) *corev1.Service {
		s := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "web", UID: types.UID(uid)}}
		if allows != "" {
			s.Annotations = map[string]string{v1alpha1.AnnotationMaxRate: allows}
		}
		return s
	}
	for name, c := range map[string]struct {
		was     v1alpha1.Rate // 0 is unlimited
		now     *corev1.Service
		allowed bool
	}{
		"as before":                {200, service("u1", "200"), true},
		"more":                     {200, service("u1", "300"), true},
		"anything":                 {200, service("u1", "unlimited"), true},
		"less":                     {200, service("u1", "199"), false},
		"a rate, where any was":    {0, service("u1", "100000"), false},
		"nothing any more":         {200, service("u1", ""), false},
		"not to be read":           {200, service("u1", "yes"), false},
		"another of the same name": {200, service("u2", "200"), false},
	} {
		x := &run{plan: plan.Plan{Run: workload.Run{Called: map[string]workload.Called{
			"base": {UID: "u1", MaxRate: c.was}}}}}
		err := x.stillAllowed(arm, c.now)
		if withdrawn := new(WithdrawnError); c.allowed != (err == nil) || err != nil && !errors.As(err, &withdrawn) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What happened to a Service's pods between two trials is said pod by pod.
func TestChangesOfAServiceAreTold(t *testing.T) {
	pods := func(all ...v1alpha1.ServicePod) map[types.UID]v1alpha1.ServicePod {
		out := map[types.UID]v1alpha1.ServicePod{}
		for _, p := range all {
			out[types.UID(p.UID)] = p
		}
		return out
	}
	before := seenService{uid: "u1", pods: pods(v1alpha1.ServicePod{Name: "a", UID: "1", Ready: true},
		v1alpha1.ServicePod{Name: "b", UID: "2", Ready: true}, v1alpha1.ServicePod{Name: "c", UID: "3", Ready: true})}
	if said := changesOf(before, before); len(said) > 0 {
		t.Errorf("nothing happened, and %q is said", said)
	}
	now := seenService{uid: "u2", spec: corev1.ServiceSpec{Selector: map[string]string{"app": "other"}},
		pods: pods(v1alpha1.ServicePod{Name: "a", UID: "1", Ready: true, Restarts: 2},
			v1alpha1.ServicePod{Name: "b", UID: "2"}, v1alpha1.ServicePod{Name: "d", UID: "4", Ready: true})}
	said := changesOf(before, now)
	for _, want := range []string{"replaced by another", "selector or ports", "pod a were restarted 2 times",
		"pod b is not ready", "pod c went", "pod d came"} {
		if !slices.ContainsFunc(said, func(s string) bool { return strings.Contains(s, want) }) {
			t.Errorf("%q is not said: %q", want, said)
		}
	}
	if len(said) != 6 {
		t.Errorf("said %q", said)
	}
}
