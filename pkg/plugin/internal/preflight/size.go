package preflight

import (
	"maps"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// demand is what pods ask for together.
type demand struct {
	pods             int64
	requests, limits corev1.ResourceList
}

func (d *demand) add(other demand, times int64) {
	d.pods += times * other.pods
	d.requests = sum(d.requests, scaled(other.requests, times))
	d.limits = sum(d.limits, scaled(other.limits, times))
}

// demandOf is what a scheduler and a quota count for one pod: the sum over
// containers and native sidecars, or what an init container needs while it
// runs beside the sidecars before it, whichever is more.
func demandOf(pod *corev1.Pod) demand {
	take := func(of func(corev1.ResourceRequirements) corev1.ResourceList) corev1.ResourceList {
		var beside, peak corev1.ResourceList
		for _, c := range pod.Spec.InitContainers {
			own := sum(beside, of(c.Resources))
			peak = most(peak, own)
			if isSidecar(c) {
				beside = own
			}
		}
		for _, c := range pod.Spec.Containers {
			beside = sum(beside, of(c.Resources))
		}
		return sum(most(peak, beside), pod.Spec.Overhead)
	}
	return demand{
		pods:     1,
		requests: take(func(r corev1.ResourceRequirements) corev1.ResourceList { return r.Requests }),
		limits:   take(func(r corev1.ResourceRequirements) corev1.ResourceList { return r.Limits }),
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
