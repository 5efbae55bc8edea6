package workload

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
)

// stopGrace is how long a pod of ours may take to stop, sidecars included.
const stopGrace = time.Second

// drainGrace is how long a target may take that finishes what is under way: what
// Kubernetes gives to pods that say nothing.
const drainGrace = 30 * time.Second

// podFor returns a pod with the worker's container and nothing to do yet.
func podFor(run Run, arm v1alpha1.Arm, component, name string, size v1alpha1.PodSize) *corev1.Pod {
	yes, no := true, false
	grace := int64(stopGrace.Seconds())
	deadline := int64(run.Lifetime.Seconds())
	pod := &corev1.Pod{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: metaFor(run, arm, component, name),
		Spec: corev1.PodSpec{
			ActiveDeadlineSeconds:         &deadline,
			TerminationGracePeriodSeconds: &grace,
			AutomountServiceAccountToken:  &no,
			EnableServiceLinks:            &no,
			// The worker reads the CPU time of the sidecar beside it from /proc.
			ShareProcessNamespace: &yes,
			NodeSelector:          map[string]string{corev1.LabelOSStable: string(corev1.Linux)},
			// For what a mesh injects too: Istio's proxy states none, and Pod Security
			// 'restricted' wants one of every container. It refuses no container.
			SecurityContext: &corev1.PodSecurityContext{
				SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
			},
			Containers: []corev1.Container{{
				Name:            ContainerName,
				Image:           run.Image,
				ImagePullPolicy: run.PullPolicy,
				Resources: corev1.ResourceRequirements{
					Requests: corev1.ResourceList{corev1.ResourceCPU: size.CPURequest.Quantity,
						corev1.ResourceMemory: size.Memory.Quantity},
					Limits: corev1.ResourceList{corev1.ResourceCPU: size.CPULimit.Quantity,
						corev1.ResourceMemory: size.Memory.Quantity},
				},
				// The rest is on our container only: a pod's would bind what a mesh injects too, and
				// kubelets refuse an init container that asks for root under it. The user is
				// the image's, so that clusters that assign users can.
				SecurityContext: &corev1.SecurityContext{
					AllowPrivilegeEscalation: &no,
					ReadOnlyRootFilesystem:   &yes,
					RunAsNonRoot:             &yes,
					Capabilities:             &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
					SeccompProfile:           &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
				},
			}},
		},
	}
	// Moving a pod while a run lasts would end a trial: Karpenter and the cluster
	// autoscaler ask before they empty a node.
	add(pod.Annotations, map[string]string{
		kube.AnnotationDoNotDisrupt: "true", kube.AnnotationSafeToEvict: "false"})
	adapt(pod, run.Pods, arm)
	address := run.Addressing[arm.Name]
	add(pod.Labels, address.PodLabels)
	add(pod.Annotations, address.PodAnnotations)
	if address.ServiceAccountToken {
		pod.Spec.AutomountServiceAccountToken = &yes
	}
	for _, secret := range run.PullSecrets {
		pod.Spec.ImagePullSecrets = append(pod.Spec.ImagePullSecrets, corev1.LocalObjectReference{Name: secret})
	}
	return pod
}

// add puts in what a mesh wants; our own keys stay as they are.
func add(into, wanted map[string]string) {
	for key, value := range wanted {
		if _, ours := into[key]; !ours {
			into[key] = value
		}
	}
}
