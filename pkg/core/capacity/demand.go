// Package capacity does the arithmetic of schedulers and quotas: what pods ask
// for together, and where that fits.
package capacity

import (
	"maps"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
)

// Demand is what pods ask for together.
type Demand struct {
	Pods int64
	// Services and ConfigMaps are what comes with them.
	Services, ConfigMaps int64
	Requests, Limits     corev1.ResourceList
}

// Plus adds as many of another.
func (d Demand) Plus(other Demand, times int64) Demand {
	return Demand{
		Pods:     d.Pods + times*other.Pods,
		Services: d.Services + times*other.Services, ConfigMaps: d.ConfigMaps + times*other.ConfigMaps,
		Requests: sum(d.Requests, scaled(other.Requests, times)),
		Limits:   sum(d.Limits, scaled(other.Limits, times)),
	}
}

// Or is the larger of the two, resource by resource: what there must be room for
// if only one of them is there at a time.
func (d Demand) Or(other Demand) Demand {
	return Demand{
		Pods: max(d.Pods, other.Pods), Services: max(d.Services, other.Services),
		ConfigMaps: max(d.ConfigMaps, other.ConfigMaps),
		Requests:   most(d.Requests, other.Requests), Limits: most(d.Limits, other.Limits),
	}
}

// Of is what a scheduler and a quota count for one pod: the sum over
// containers and native sidecars, or what an init container needs while it
// runs beside the sidecars before it, whichever is more.
func Of(pod *corev1.Pod) Demand {
	take := func(of func(corev1.ResourceRequirements) corev1.ResourceList) corev1.ResourceList {
		var beside, peak corev1.ResourceList
		for _, c := range pod.Spec.InitContainers {
			own := sum(beside, of(c.Resources))
			peak = most(peak, own)
			if kube.IsSidecar(c) {
				beside = own
			}
		}
		for _, c := range pod.Spec.Containers {
			beside = sum(beside, of(c.Resources))
		}
		return sum(most(peak, beside), pod.Spec.Overhead)
	}
	return Demand{
		Pods:     1,
		Requests: take(func(r corev1.ResourceRequirements) corev1.ResourceList { return r.Requests }),
		Limits:   take(func(r corev1.ResourceRequirements) corev1.ResourceList { return r.Limits }),
	}
}

func sum(a, b corev1.ResourceList) corev1.ResourceList {
	out := copyOf(a)
	for name, q := range b {
		total := out[name].DeepCopy()
		total.Add(q)
		out[name] = total
	}
	return out
}

func most(a, b corev1.ResourceList) corev1.ResourceList {
	out := copyOf(a)
	for name, q := range b {
		if have, ok := out[name]; !ok || have.Cmp(q) < 0 {
			out[name] = q.DeepCopy()
		}
	}
	return out
}

// less is a without b; it may be negative.
func less(a, b corev1.ResourceList) corev1.ResourceList {
	out := copyOf(a)
	for name, q := range b {
		rest := out[name].DeepCopy()
		rest.Sub(q)
		out[name] = rest
	}
	return out
}

func scaled(a corev1.ResourceList, times int64) corev1.ResourceList {
	out := corev1.ResourceList{}
	for name, q := range a {
		total := resource.Quantity{Format: q.Format}
		for range times {
			total.Add(q)
		}
		out[name] = total
	}
	return out
}

// fits reports whether want is no more than have, for what want names.
func fits(want, have corev1.ResourceList) bool {
	for name, q := range want {
		if room := have[name]; q.Cmp(room) > 0 {
			return false
		}
	}
	return true
}

func copyOf(a corev1.ResourceList) corev1.ResourceList {
	out := maps.Clone(a)
	if out == nil {
		return corev1.ResourceList{}
	}
	return out
}
