package capacity

import (
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// Share is what a quota leaves of one resource, and what is wanted of it.
type Share struct {
	Quota            string
	Resource         corev1.ResourceName
	Wanted, Left, Of resource.Quantity
}

// Fits reports whether it leaves enough.
func (s Share) Fits() bool { return s.Wanted.Cmp(s.Left) <= 0 }

func (s Share) String() string {
	return fmt.Sprintf("%s of quota %s: needs %s, %s of %s left", s.Resource, s.Quota, s.Wanted.String(), s.Left.String(),
		s.Of.String())
}

// Shares are those of all quotas that count what a run needs.
func Shares(quotas []corev1.ResourceQuota, need Demand) []Share {
	var all []Share
	for _, q := range quotas {
		if !counts(q) {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(q.Status.Hard)) {
			wanted, relevant := needed(need, name)
			if !relevant {
				continue
			}
			hard := q.Status.Hard[name]
			left := hard.DeepCopy()
			left.Sub(q.Status.Used[name])
			all = append(all, Share{Quota: q.Name, Resource: name, Wanted: wanted, Left: left, Of: hard})
		}
	}
	return all
}

// needed says how much of a quota's resource a run takes.
func needed(d Demand, name corev1.ResourceName) (resource.Quantity, bool) {
	pick := func(from corev1.ResourceList, name corev1.ResourceName) (resource.Quantity, bool) {
		q, ok := from[name]
		return q, ok
	}
	switch name {
	case corev1.ResourcePods, "count/pods":
		return *resource.NewQuantity(d.Pods, resource.DecimalSI), true
	case corev1.ResourceServices, "count/services", corev1.ResourceConfigMaps, "count/configmaps":
		return *resource.NewQuantity(1, resource.DecimalSI), true
	case corev1.ResourceCPU, corev1.ResourceRequestsCPU:
		return pick(d.Requests, corev1.ResourceCPU)
	case corev1.ResourceMemory, corev1.ResourceRequestsMemory:
		return pick(d.Requests, corev1.ResourceMemory)
	case corev1.ResourceLimitsCPU:
		return pick(d.Limits, corev1.ResourceCPU)
	case corev1.ResourceLimitsMemory:
		return pick(d.Limits, corev1.ResourceMemory)
	default:
		return resource.Quantity{}, false
	}
}

// counts reports whether a quota's scopes include our pods, which all have a
// deadline and requests, and no priority class.
func counts(q corev1.ResourceQuota) bool {
	scopes := slices.Clone(q.Spec.Scopes)
	if q.Spec.ScopeSelector != nil {
		for _, e := range q.Spec.ScopeSelector.MatchExpressions {
			scopes = append(scopes, e.ScopeName)
		}
	}
	for _, s := range scopes {
		switch s {
		case corev1.ResourceQuotaScopeNotTerminating, corev1.ResourceQuotaScopeBestEffort,
			corev1.ResourceQuotaScopePriorityClass:
			return false
		}
	}
	return true
}
