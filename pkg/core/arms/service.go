package arms

import (
	"context"
	"fmt"
	"slices"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/command"
	"github.com/meshbench/kubectl-meshbench/pkg/core/factor"
	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
	"github.com/meshbench/kubectl-meshbench/pkg/core/workload"
)

// Services reads a Service of the user's and what is behind it.
type Services interface {
	// Service is nil where there is none of that name.
	Service(ctx context.Context, namespace, name string) (*corev1.Service, error)
	// SelectedPods are those of a namespace with these labels.
	SelectedPods(ctx context.Context, namespace string, labels map[string]string) ([]corev1.Pod, error)
	Autoscalers(ctx context.Context, namespace string) ([]autoscalingv2.HorizontalPodAutoscaler, error)
}

// leastReady is how many ready pods a Service has whose users do not notice the loss
// of one.
const leastReady = 2

// Consenting is a Service of the user's in all arms.
type Consenting struct {
	// Called are who is called, by arm.
	Called map[string]workload.Called
	// Fragile says what makes load a risk for whom else it serves; empty for nothing.
	Fragile []string
}

// Consents finds the Service in each arm, and refuses one whose annotation does not
// allow load, or that may lead elsewhere than to pods of its namespace.
func Consents(ctx context.Context, in func(context string) (Services, error), wanted v1alpha1.TargetService,
	arms []v1alpha1.Arm, say command.Lines) (Consenting, error) {
	out := Consenting{Called: map[string]workload.Called{}}
	seen := map[Place]workload.Called{}
	for _, arm := range arms {
		place := PlaceOf(arm)
		if found, again := seen[place]; again { // the control
			out.Called[arm.Name] = found
			continue
		}
		from, err := in(arm.Context)
		if err != nil {
			return out, err
		}
		s, err := from.Service(ctx, arm.Namespace, wanted.Name)
		if err != nil {
			return out, err
		}
		if s == nil {
			return out, unusable("arm %s: there is no Service %s in namespace %s: it must have that name in every arm", arm.Name,
				wanted.Name, place)
		}
		found, err := consent(s, wanted, place, say)
		if err != nil {
			return out, err
		}
		fragile, err := behind(ctx, from, s, place)
		if err != nil {
			return out, err
		}
		out.Fragile = append(out.Fragile, fragile...)
		out.Called[arm.Name], seen[place] = found, found
	}
	return out, nil
}

// ParseMaxRate reads the annotation by which a Service allows load: requests per
// second above 0, to the most that a run may ask for, or "unlimited", which is 0.
func ParseMaxRate(text string) (v1alpha1.Rate, error) {
	if text == v1alpha1.MaxRateUnlimited {
		return 0, nil
	}
	rate, err := v1alpha1.ParseRate(text)
	if err != nil || rate.ClosedLoop() || !(rate > 0 && rate <= factor.MaxRate) {
		return 0, fmt.Errorf("%.40q is neither requests per second, such as 200 and up to %s, nor %s", text,
			words.Thousands(factor.MaxRate), v1alpha1.MaxRateUnlimited)
	}
	return rate, nil
}

// consent is what a Service's own object allows.
func consent(s *corev1.Service, wanted v1alpha1.TargetService, place Place,
	say command.Lines) (workload.Called, error) {
	var none workload.Called
	refuse := func(format string, args ...any) (workload.Called, error) {
		return none, unusable("Service %s in namespace %s: %s", s.Name, place, fmt.Sprintf(format, args...))
	}
	text, said := s.Annotations[v1alpha1.AnnotationMaxRate]
	if !said {
		return refuse("it has no annotation %s, by which its owner allows load up to a rate: allow it with\n  %s",
			v1alpha1.AnnotationMaxRate, say.Kubectl(place.Context, "--namespace", place.Namespace, "annotate", "service",
				s.Name, v1alpha1.AnnotationMaxRate+"=200"))
	}
	most, err := ParseMaxRate(text)
	if err != nil {
		return refuse("annotation %s: %v", v1alpha1.AnnotationMaxRate, err)
	}
	switch {
	case s.DeletionTimestamp != nil:
		return refuse("it is being deleted")
	case s.Spec.Type == corev1.ServiceTypeExternalName:
		return refuse("it is an ExternalName, which leads to %.80q: load goes to pods of the arm's namespace only",
			s.Spec.ExternalName)
	case len(s.Spec.Selector) == 0:
		return refuse("it has no selector, so its endpoints may be anywhere: load goes to pods of the arm's namespace only")
	case s.Spec.ClusterIP == corev1.ClusterIPNone || s.Spec.ClusterIP == "":
		return refuse("it is headless: name the Service with an address of its own that stands for the same pods")
	}
	port, err := portOf(s, wanted.Port)
	if err != nil {
		return refuse("%v", err)
	}
	return workload.Called{UID: string(s.UID), Port: port, MaxRate: most}, nil
}

// portOf is the number of a port that the Service has.
func portOf(s *corev1.Service, wanted intstr.IntOrString) (int32, error) {
	var have []string
	for _, p := range s.Spec.Ports {
		have = append(have, strings.TrimPrefix(fmt.Sprintf("%s:%d", p.Name, p.Port), ":"))
		if p.Name != wanted.StrVal && wanted.Type == intstr.String || wanted.Type == intstr.Int && p.Port != wanted.IntVal {
			continue
		}
		if p.Protocol != corev1.ProtocolTCP && p.Protocol != "" {
			return 0, fmt.Errorf("port %s is of %s, want TCP", wanted.String(), p.Protocol)
		}
		return p.Port, nil
	}
	return 0, fmt.Errorf("it has no port %s, its ports are %s", wanted.String(), strings.Join(have, ", "))
}

// behind looks at the pods of a Service: none that serves is an error, and what makes
// load a risk is said.
func behind(ctx context.Context, from Services, s *corev1.Service, place Place) (fragile []string, err error) {
	pods, err := from.SelectedPods(ctx, s.Namespace, s.Spec.Selector)
	if err != nil {
		return nil, err
	}
	ready := 0
	for _, p := range pods {
		if Ready(&p) {
			ready++
		}
	}
	if ready == 0 {
		return nil, unusable("Service %s in namespace %s has no ready endpoint: %d pods have its labels, none is ready",
			s.Name, place, len(pods))
	}
	note := func(format string, args ...any) {
		fragile = append(fragile, fmt.Sprintf("Service %s in namespace %s ", s.Name, place)+fmt.Sprintf(format, args...))
	}
	if ready < leastReady {
		note("has %d ready endpoint: whatever load does to it, all of its users notice", ready)
	}
	scalers, err := from.Autoscalers(ctx, s.Namespace)
	if err != nil {
		note("may be autoscaled, which cannot be told: %v", err)
		return fragile, nil
	}
	for _, scaler := range scalers {
		if ref := scaler.Spec.ScaleTargetRef; slices.ContainsFunc(pods, func(p corev1.Pod) bool { return ownedBy(p, ref) }) {
			note("is behind HorizontalPodAutoscaler %s: load may make it larger while it is measured, and arms differ",
				scaler.Name)
		}
	}
	return fragile, nil
}

// Ready reports whether a pod serves.
func Ready(p *corev1.Pod) bool {
	if p.DeletionTimestamp != nil {
		return false
	}
	for _, c := range p.Status.Conditions {
		if c.Type == corev1.PodReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}

// ownedBy reports whether a pod is of a workload: of a Deployment by the name of its
// ReplicaSet, which ends with the hash that the pod is labelled with.
func ownedBy(p corev1.Pod, ref autoscalingv2.CrossVersionObjectReference) bool {
	for _, owner := range p.OwnerReferences {
		kind, name := owner.Kind, owner.Name
		if base, ok := strings.CutSuffix(name, "-"+p.Labels["pod-template-hash"]); ok && kind == "ReplicaSet" {
			kind, name = "Deployment", base
		}
		if kind == ref.Kind && name == ref.Name || owner.Kind == ref.Kind && owner.Name == ref.Name {
			return true
		}
	}
	return false
}
