package workload

import (
	"encoding/json"
	"fmt"
	"net"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/factor"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// Load is what a load pod needs to know of the trial it belongs to.
type Load struct {
	ID string
	// Serial is unique in the run, repeated trials included.
	Serial int
	Arm    v1alpha1.Arm
	Level  v1alpha1.Level
	// Namespaces are those of the arm's cluster in which placement looks for targets.
	Namespaces     []string
	Size           v1alpha1.PodSize
	Warmup, Window time.Duration
	RequestTimeout time.Duration
	ReadyTimeout   time.Duration
	// StartAt is the shared start of the window; nil for a single load pod.
	StartAt *time.Time
	// DisturbedAt is when, in the window, the targets are disturbed; nil for never.
	DisturbedAt *v1alpha1.Duration
	// DrawSeed is one for all arms of a round; see wire.Faults.
	DrawSeed uint64
	// Node pins the pod; empty leaves the choice to the scheduler.
	Node string
	// TargetNode is that of the arm's target, and OffNodes are those of all targets
	// of its cluster: placement goes by them. Where they are empty it goes by the
	// targets' labels, which others may carry.
	TargetNode string
	OffNodes   []string
}

// LoadPods returns the load pods of one trial, one per client.
func LoadPods(run Run, t Load) ([]*corev1.Pod, error) {
	var pods []*corev1.Pod
	for client := range t.Level.Clients {
		told, err := LoadSpec(run, t, client)
		if err != nil {
			return nil, fmt.Errorf("specification of trial %s: %w", t.ID, err)
		}
		spec, err := json.Marshal(told)
		if err != nil {
			return nil, fmt.Errorf("specification of trial %s: %w", t.ID, err)
		}
		pod := podFor(run, t.Arm, componentLoad, run.objectName(fmt.Sprintf("load-%d-%d", t.Serial, client)), t.Size)
		pod.Labels[v1alpha1.LabelTrial] = strconv.Itoa(t.Serial)
		pod.Spec.RestartPolicy = corev1.RestartPolicyNever
		deadline := int64((t.ReadyTimeout + t.Warmup + t.Window + t.RequestTimeout + time.Minute).Seconds())
		pod.Spec.ActiveDeadlineSeconds = &deadline
		pod.Spec.Containers[0].Args = []string{"load", "--spec", string(spec)}
		pod.Spec.Containers[0].Ports = []corev1.ContainerPort{metricsPort()}
		pod.Spec.Affinity = placement(run, t)
		if run.Service != nil {
			mountFiles(pod, *run.Service)
		}
		pods = append(pods, pod)
	}
	return pods, nil
}

// LoadSpec is what one load pod of a trial is told.
func LoadSpec(run Run, t Load, client int) (wire.LoadSpec, error) {
	spec := factor.Apply(t.Level, client).Spec
	protocol, ok := wire.ProtocolOf(spec.Protocol)
	if !ok {
		return spec, fmt.Errorf("no target speaks protocol %q", spec.Protocol)
	}
	spec.Version = wire.Version
	spec.Key = run.Key.For("load", t.ID, strconv.Itoa(client))
	spec.TargetKey = run.TargetKey(t.Arm).Identity()
	spec.Trial = t.ID
	if run.Service != nil {
		spec.Target, spec.Service, spec.TargetKey = run.call(t.Arm)
	} else {
		spec.Target = net.JoinHostPort(TargetHost(run, t.Arm, spec.Replicas, spec.Protocol), strconv.Itoa(int(protocol.Port)))
	}
	spec.Warmup = metav1.Duration{Duration: t.Warmup}
	spec.Window = metav1.Duration{Duration: t.Window}
	spec.RequestTimeout = metav1.Duration{Duration: t.RequestTimeout}
	spec.ReadyTimeout = metav1.Duration{Duration: t.ReadyTimeout}
	spec.StartAt, spec.DisturbedAt = t.StartAt, t.DisturbedAt
	if spec.Drawn() {
		spec.DrawSeed = t.DrawSeed
	}
	spec.Counters = countersOf(run, t.Arm, v1alpha1.SideClient)
	return spec, nil
}

// placement puts load pods on, or off, the node of the targets. All targets
// share one node, so the load pods of every arm cross the same links.
func placement(run Run, t Load) *corev1.Affinity {
	targets := besideTargets(run, t.Namespaces...)
	affinity := &corev1.Affinity{}
	var nodes []corev1.NodeSelectorRequirement
	if t.Node != "" {
		nodes = append(nodes, named(corev1.NodeSelectorOpIn, t.Node))
	}
	switch factor.Apply(t.Level, 0).Placement {
	case v1alpha1.PlacementSameNode:
		if t.TargetNode != "" {
			nodes = append(nodes, named(corev1.NodeSelectorOpIn, t.TargetNode))
			break
		}
		affinity.PodAffinity = &corev1.PodAffinity{
			RequiredDuringSchedulingIgnoredDuringExecution: []corev1.PodAffinityTerm{targets}}
	case v1alpha1.PlacementCrossNode:
		for _, node := range t.OffNodes {
			nodes = append(nodes, named(corev1.NodeSelectorOpNotIn, node))
		}
		if len(t.OffNodes) > 0 {
			break
		}
		affinity.PodAntiAffinity = &corev1.PodAntiAffinity{
			RequiredDuringSchedulingIgnoredDuringExecution: []corev1.PodAffinityTerm{targets}}
	}
	if len(nodes) > 0 {
		affinity.NodeAffinity = onNodes(nodes...)
	}
	return affinity
}

// pinned is the affinity to one node, by its name.
func pinned(node string) *corev1.NodeAffinity { return onNodes(named(corev1.NodeSelectorOpIn, node)) }

// onNodes is the affinity to nodes of which all of that is true.
func onNodes(all ...corev1.NodeSelectorRequirement) *corev1.NodeAffinity {
	return &corev1.NodeAffinity{RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{
		NodeSelectorTerms: []corev1.NodeSelectorTerm{{MatchFields: all}},
	}}
}

// named is about a node's name. Its label for that is one that whoever may label
// nodes may change.
func named(op corev1.NodeSelectorOperator, node string) corev1.NodeSelectorRequirement {
	return corev1.NodeSelectorRequirement{Key: "metadata.name", Operator: op, Values: []string{node}}
}

func besideTargets(run Run, namespaces ...string) corev1.PodAffinityTerm {
	return corev1.PodAffinityTerm{
		TopologyKey: corev1.LabelHostname,
		Namespaces:  namespaces,
		LabelSelector: &metav1.LabelSelector{MatchLabels: map[string]string{
			v1alpha1.LabelRunID: run.ID,
			v1alpha1.LabelToken: run.token(),
			labelComponent:      componentTarget,
		}},
	}
}
