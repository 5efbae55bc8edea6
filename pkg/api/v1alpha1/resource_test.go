package v1alpha1_test

import (
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

func TestJoinResourcesLeavesOutWhatOnlyOneSourceLacks(t *testing.T) {
	used := 1.5
	known := &v1alpha1.Resources{
		Containers: []v1alpha1.ContainerUsage{{Namespace: "a", Pod: "load", Container: "worker", Source: v1alpha1.SourceInPod,
			CPUSeconds: &used}},
		Nodes:   []v1alpha1.NodeUsage{{Node: "n1", Source: v1alpha1.SourceInPod, CPUSeconds: &used}},
		Sources: []v1alpha1.ResourceSource{{Name: v1alpha1.SourceInPod}},
	}
	joined := v1alpha1.JoinResources(known, v1alpha1.Resources{
		Containers: []v1alpha1.ContainerUsage{
			{Namespace: "a", Pod: "load", Container: "worker", Source: v1alpha1.SourceCAdvisor, Missing: "forbidden"},
			{Namespace: "a", Pod: "load", Container: "worker", Source: v1alpha1.SourcePrometheus, CPUSeconds: &used},
			{Namespace: "mesh", Pod: "ztunnel", Container: "proxy", Source: v1alpha1.SourceCAdvisor, Missing: "forbidden"},
		},
		Nodes: []v1alpha1.NodeUsage{{Node: "n1", Source: v1alpha1.SourceCAdvisor, Missing: "forbidden"},
			{Node: "n2", Source: v1alpha1.SourceCAdvisor, Missing: "forbidden"}},
		Sources: []v1alpha1.ResourceSource{{Name: v1alpha1.SourceCAdvisor, Missing: "forbidden"}},
	})
	if n := len(joined.Containers); n != 3 {
		t.Errorf("%d containers, want in-pod, Prometheus and the node proxy that nobody saw: %+v", n, joined.Containers)
	}
	if n := len(joined.Nodes); n != 2 {
		t.Errorf("%d nodes, want n1 as measured and n2 as missing: %+v", n, joined.Nodes)
	}
	if len(joined.Sources) != 2 || len(known.Containers) != 1 {
		t.Errorf("sources %+v, and %d containers known before; want both sources, and nothing changed", joined.Sources,
			len(known.Containers))
	}
}
