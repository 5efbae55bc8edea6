package workload

import (
	"maps"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/mesh"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// Run is what all objects of a run have in common.
type Run struct {
	ID string
	// Key is what those of the run's workers are derived from.
	Key   wire.Key
	Image string
	// PullPolicy and PullSecrets are as in a pod; both may be empty.
	PullPolicy  corev1.PullPolicy
	PullSecrets []string
	// Pods are what the experiments want of all pods; nil for nothing.
	Pods *v1alpha1.Pods
	// TargetNode pins the targets; empty leaves the choice to the scheduler.
	TargetNode string
	// ExpiresAt is an instant after which the run cannot need the objects.
	ExpiresAt time.Time
	// Drain makes targets that are asked to end finish what is under way, after they went
	// on to accept requests for so long; nil for targets that end at once.
	Drain *time.Duration
	// Largest are the most that a request of the run asks of its target.
	Largest v1alpha1.Request
	// Lifetime ends every pod, whatever becomes of the plugin.
	Lifetime time.Duration
	// Protocols are those that the run speaks; empty for all.
	Protocols []v1alpha1.Protocol
	// Replicas are the numbers of targets that the run's levels want, ascending; empty
	// for one each.
	Replicas []int
	// Chain is the most that requests of the run ask for; zero where none goes on.
	Chain wire.Chain
	// NextConnections is how many a target keeps open to the next.
	NextConnections int
	// Addressing is how targets are reached, by arm; plainly where it has none.
	Addressing map[string]mesh.Addressing
	// Counters are those that workers read of the proxies in their pods, by arm.
	Counters map[string][]mesh.CounterProof
	// Service is the user's that is called in place of targets; nil for targets.
	Service *v1alpha1.TargetService
	// Called are that Service in each arm, by arm.
	Called map[string]Called
}

// ArmObjects are the objects of one arm that live as long as the run.
type ArmObjects struct {
	// Owner owns the others, so that deleting it deletes all.
	Owner *corev1.ConfigMap
	// Services are the targets', and one of the load pods where the mesh wants it.
	Services []*corev1.Service
	// Targets are at least one, and none where a Service of the user's is called. Those
	// after the first take part in levels with replicas, and then come the further hops
	// of chains: see Run.InUse.
	Targets []*corev1.Pod
}

// ForArm returns the objects of one arm. All targets of a run share the node
// of the anchor's, the first arm in their cluster, so that arms differ in their
// mesh only.
func ForArm(run Run, arm, anchor v1alpha1.Arm, size v1alpha1.PodSize) ArmObjects {
	objects := ArmObjects{
		Owner: &corev1.ConfigMap{
			TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"},
			ObjectMeta: metaFor(run, arm, componentOwner, run.nameFor(arm, "owner")),
		},
		Services: services(run, arm),
	}
	for ordinal := range run.mostReplicas() {
		objects.Targets = append(objects.Targets, replica(run, arm, anchor, ordinal, size))
	}
	for hop := 2; hop <= run.Chain.Hops; hop++ {
		objects.Targets = append(objects.Targets, hopPod(run, arm, anchor, hop, size))
	}
	return objects
}

// replica is the target of that ordinal, counted from 0.
func replica(run Run, arm, anchor v1alpha1.Arm, ordinal int, size v1alpha1.PodSize) *corev1.Pod {
	name := componentTarget
	if ordinal > 0 {
		name += "-" + strconv.Itoa(ordinal)
	}
	pod := podFor(run, arm, componentTarget, run.nameFor(arm, name), size)
	run.replicaLabels(pod.Labels, ordinal)
	serving(run, arm, pod, 1)
	beside(run, pod, anchor, arm.Name == anchor.Name && ordinal == 0)
	return pod
}

// serving makes a pod a target, which is so far from load; the first hop is 1.
func serving(run Run, arm v1alpha1.Arm, target *corev1.Pod, hop int) {
	target.Spec.RestartPolicy = corev1.RestartPolicyAlways
	if run.Drain != nil {
		grace := int64(drainGrace.Seconds())
		target.Spec.TerminationGracePeriodSeconds = &grace
	}
	target.Spec.Containers[0].Args = targetArgs(run, arm, hop)
	target.Spec.Containers[0].Env = append(target.Spec.Containers[0].Env,
		fieldEnv(wire.EnvPod, "metadata.name"), fieldEnv(wire.EnvPodUID, "metadata.uid"))
	for _, p := range wire.Protocols() {
		target.Spec.Containers[0].Ports = append(target.Spec.Containers[0].Ports,
			corev1.ContainerPort{Name: p.PortName, ContainerPort: p.Port})
	}
	target.Spec.Containers[0].Ports = append(target.Spec.Containers[0].Ports, metricsPort())
	target.Spec.Containers[0].ReadinessProbe = &corev1.Probe{
		ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: wire.PathHealth,
			Port: intstr.FromString(wire.Protocols()[0].PortName)}},
		PeriodSeconds:    1,
		TimeoutSeconds:   1,
		FailureThreshold: 3,
	}
}

// beside puts a target on the node of the run's first one, which goes where it likes
// or where it is pinned to.
func beside(run Run, target *corev1.Pod, anchor v1alpha1.Arm, first bool) {
	if !first {
		target.Spec.Affinity = &corev1.Affinity{PodAffinity: &corev1.PodAffinity{
			RequiredDuringSchedulingIgnoredDuringExecution: []corev1.PodAffinityTerm{
				besideTargets(run, anchor.Namespace),
			},
		}}
	}
	if run.TargetNode != "" {
		if target.Spec.Affinity == nil {
			target.Spec.Affinity = &corev1.Affinity{}
		}
		target.Spec.Affinity.NodeAffinity = pinned(run.TargetNode)
	}
}

// fieldEnv is a variable that holds a field of the pod.
func fieldEnv(name, path string) corev1.EnvVar {
	return corev1.EnvVar{Name: name, ValueFrom: &corev1.EnvVarSource{
		FieldRef: &corev1.ObjectFieldSelector{APIVersion: "v1", FieldPath: path}}}
}

func metricsPort() corev1.ContainerPort {
	return corev1.ContainerPort{Name: wire.PortNameMetrics, ContainerPort: wire.PortMetrics}
}

func (r Run) objectName(suffix string) string { return "meshbench-" + r.ID + "-" + suffix }

// nameFor is the name of an object of one arm. The control shares the namespace
// of the baseline, so its objects have names of their own.
func (r Run) nameFor(arm v1alpha1.Arm, suffix string) string {
	if arm.Role == v1alpha1.RoleControl {
		suffix = string(arm.Role) + "-" + suffix
	}
	return r.objectName(suffix)
}

// shortName is for Services of which a mesh makes a longer name: it has the random
// end of the run's id alone.
func (r Run) shortName(suffix string) string {
	return "mb-" + r.ID[strings.LastIndexByte(r.ID, '-')+1:] + "-" + suffix
}

// token is what the run's Services select by.
func (r Run) token() string { return r.Key.Token("service") }

func labelsFor(run Run, arm v1alpha1.Arm, component string) map[string]string {
	return map[string]string{
		labelName:           "meshbench",
		labelInstance:       run.ID,
		labelComponent:      component,
		labelManagedBy:      FieldManager,
		v1alpha1.LabelRunID: run.ID,
		v1alpha1.LabelArm:   arm.Name,
		v1alpha1.LabelToken: run.token(),
	}
}

// selector leaves out what other runs share.
func selector(labels map[string]string) map[string]string {
	s := maps.Clone(labels)
	for _, key := range []string{labelName, labelInstance, labelManagedBy} {
		delete(s, key)
	}
	return s
}

func metaFor(run Run, arm v1alpha1.Arm, component, name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Name:        name,
		Namespace:   arm.Namespace,
		Labels:      labelsFor(run, arm, component),
		Annotations: map[string]string{v1alpha1.AnnotationExpiresAt: run.ExpiresAt.UTC().Format(time.RFC3339)},
	}
}

// OwnedBy makes owner the owner of meta's object. Both must be in one namespace.
func OwnedBy(meta *metav1.ObjectMeta, owner *corev1.ConfigMap) {
	meta.OwnerReferences = []metav1.OwnerReference{{
		APIVersion: "v1", Kind: "ConfigMap", Name: owner.Name, UID: owner.UID,
	}}
}
