package workload

import (
	"fmt"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// A level's Service has so many targets behind it as the level wants, whatever
// other levels of the run want.
func TestAServiceHasTheTargetsOfItsLevel(t *testing.T) {
	arm := v1alpha1.Arm{Name: "base", Namespace: "a"}
	for _, c := range []struct{ levels, want []int }{
		{nil, []int{1}}, {[]int{3}, []int{3}}, {[]int{1, 2, 5}, []int{1, 2, 5}},
	} {
		o := ForArm(Run{ID: "r1", Replicas: c.levels}, arm, arm, size())
		names := map[string]bool{}
		for _, pod := range o.Targets {
			names[pod.Name] = true
		}
		if most := slices.Max(c.want); len(o.Targets) != most || len(names) != most {
			t.Errorf("levels of %v have %d targets with the names %v", c.levels, len(o.Targets), names)
		}
		for _, n := range c.want {
			run := Run{ID: "r1", Replicas: c.levels}
			host := TargetHost(run, arm, n, v1alpha1.ProtocolGRPC)
			at := slices.IndexFunc(o.Services, func(s *corev1.Service) bool { return s.Name+".a.svc" == host })
			if at < 0 {
				t.Fatalf("levels of %v: no Service is called %s", c.levels, host)
			}
			selects := labels.SelectorFromSet(o.Services[at].Spec.Selector)
			var behind []string
			for ordinal, pod := range o.Targets {
				if selects.Matches(labels.Set(pod.Labels)) {
					behind = append(behind, fmt.Sprint(ordinal))
				}
			}
			if len(behind) != n {
				t.Errorf("levels of %v: %s has the targets %v behind it, want the first %d", c.levels, host, behind, n)
			}
		}
		if len(o.Services) != len(c.want) {
			t.Errorf("levels of %v have %d Services", c.levels, len(o.Services))
		}
	}
}

// Further targets go where the first one is: arms differ in their mesh only.
func TestAllTargetsShareANode(t *testing.T) {
	arm := v1alpha1.Arm{Name: "base", Namespace: "a"}
	for ordinal, pod := range ForArm(Run{ID: "r1", Replicas: []int{3}}, arm, arm, size()).Targets {
		if beside := pod.Spec.Affinity != nil && pod.Spec.Affinity.PodAffinity != nil; beside != (ordinal > 0) {
			t.Errorf("target %d of the anchor goes beside others: %v", ordinal, beside)
		}
	}
}
