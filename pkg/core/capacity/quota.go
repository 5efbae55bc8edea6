package capacity

import (
	"fmt"
	"maps"
	"slices"
	"strings"

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

// Shares are those of all quotas that count what a run needs, whose pods have
// that priority class, or none.
func Shares(quotas []corev1.ResourceQuota, need Demand, priorityClass string) []Share {
	var all []Share
	for _, q := range quotas {
		if !counts(q, priorityClass) {
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
	case corev1.ResourceServices, "count/services":
		return *resource.NewQuantity(d.Services, resource.DecimalSI), true
	case corev1.ResourceConfigMaps, "count/configmaps":
		return *resource.NewQuantity(d.ConfigMaps, resource.DecimalSI), true
	case corev1.ResourceCPU, corev1.ResourceRequestsCPU:
		return pick(d.Requests, corev1.ResourceCPU)
	case corev1.ResourceMemory, corev1.ResourceRequestsMemory:
		return pick(d.Requests, corev1.ResourceMemory)
	case corev1.ResourceLimitsCPU:
		return pick(d.Limits, corev1.ResourceCPU)
	case corev1.ResourceLimitsMemory:
		return pick(d.Limits, corev1.ResourceMemory)
	case corev1.ResourceEphemeralStorage, corev1.ResourceRequestsEphemeralStorage:
		return pick(d.Requests, corev1.ResourceEphemeralStorage)
	case corev1.ResourceLimitsEphemeralStorage:
		return pick(d.Limits, corev1.ResourceEphemeralStorage)
	default: // requests.example.com/device counts an extended resource
		extended, ok := strings.CutPrefix(string(name), "requests.")
		if !ok {
			return resource.Quantity{}, false
		}
		return pick(d.Requests, corev1.ResourceName(extended))
	}
}

// counts reports whether a quota's scopes include our pods, which all have a
// deadline and requests.
func counts(q corev1.ResourceQuota, priorityClass string) bool {
	for _, s := range q.Spec.Scopes {
		if !inScope(corev1.ScopedResourceSelectorRequirement{ScopeName: s, Operator: corev1.ScopeSelectorOpExists},
			priorityClass) {
			return false
		}
	}
	if q.Spec.ScopeSelector == nil {
		return true
	}
	return !slices.ContainsFunc(q.Spec.ScopeSelector.MatchExpressions,
		func(e corev1.ScopedResourceSelectorRequirement) bool { return !inScope(e, priorityClass) })
}

func inScope(e corev1.ScopedResourceSelectorRequirement, priorityClass string) bool {
	switch e.ScopeName {
	case corev1.ResourceQuotaScopeNotTerminating, corev1.ResourceQuotaScopeBestEffort:
		return false
	case corev1.ResourceQuotaScopePriorityClass:
		switch e.Operator {
		case corev1.ScopeSelectorOpIn:
			return slices.Contains(e.Values, priorityClass)
		case corev1.ScopeSelectorOpNotIn:
			return !slices.Contains(e.Values, priorityClass)
		case corev1.ScopeSelectorOpDoesNotExist:
			return priorityClass == ""
		default:
			return priorityClass != ""
		}
	default:
		return true
	}
}
