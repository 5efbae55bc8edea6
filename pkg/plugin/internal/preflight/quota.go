package preflight

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/cluster"
)

// quota compares all that an arm needs at once with what quotas leave. Admission
// looks at one pod at a time, so this finds more than a dry run.
func (c *checker) quota(ctx context.Context, in Cluster, arm v1alpha1.Arm) Result {
	quotas, err := in.Quotas(ctx, arm.Namespace)
	if err != nil {
		return unknown(err.Error(),
			grants(cluster.Permission{Verb: "list", Resource: "resourcequotas", Namespace: arm.Namespace}))
	}
	need, err := c.needOf(arm)
	if err != nil {
		return unknown(err.Error(), "")
	}
	var checked, short []string
	for _, q := range quotas {
		if !counts(q) {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(q.Status.Hard)) {
			want, relevant := needed(need, name)
			if !relevant {
				continue
			}
			hard, used := q.Status.Hard[name], q.Status.Used[name]
			room := hard.DeepCopy()
			room.Sub(used)
			text := fmt.Sprintf("%s of quota %s: needs %s, %s of %s left", name, q.Name, want.String(), room.String(),
				hard.String())
			if want.Cmp(room) > 0 {
				short = append(short, text)
			} else {
				checked = append(checked, text)
			}
		}
	}
	switch {
	case len(short) > 0:
		return broken(strings.Join(short, "; "),
			fmt.Sprintf("raise the quota of namespace %s, or lower spec.load, spec.target or spec.factors.clients in the experiment", placeOf(arm)))
	case len(checked) == 0:
		return holds("namespace %s has no quota on what a run needs", placeOf(arm))
	default:
		return holds("%s", strings.Join(checked, "; "))
	}
}

// needOf is the most that an arm has at one instant: its target and the load
// pods of one trial, each with what was injected into it.
func (c *checker) needOf(arm v1alpha1.Arm) (demand, error) {
	var need demand
	pods := c.accepted[arm.Name]
	ours, err := c.podsOf(arm)
	if err != nil || len(ours) == 0 {
		return need, err
	}
	if len(pods) < len(ours) {
		pods = ours // admission refused some: count ours alone
	}
	var peak demand
	for i, pod := range pods[1:] {
		var load demand
		load.add(demandOf(pod), int64(mostClients(c.Experiments, i)))
		peak = demand{max(peak.pods, load.pods), most(peak.requests, load.requests), most(peak.limits, load.limits)}
	}
	need.add(demandOf(pods[0]), 1)
	need.add(peak, 1)
	return need, nil
}

// mostClients is the largest number of load pods that an experiment runs at once.
func mostClients(experiments []v1alpha1.Experiment, index int) int {
	if index >= len(experiments) {
		return 1
	}
	return max(1, slices.Max(append([]int{1}, experiments[index].Spec.Factors.Clients...)))
}

// needed says how much of a quota's resource a run takes.
func needed(d demand, name corev1.ResourceName) (resource.Quantity, bool) {
	pick := func(from corev1.ResourceList, name corev1.ResourceName) (resource.Quantity, bool) {
		q, ok := from[name]
		return q, ok
	}
	switch name {
	case corev1.ResourcePods, "count/pods":
		return *resource.NewQuantity(d.pods, resource.DecimalSI), true
	case corev1.ResourceServices, "count/services", corev1.ResourceConfigMaps, "count/configmaps":
		return *resource.NewQuantity(1, resource.DecimalSI), true
	case corev1.ResourceCPU, corev1.ResourceRequestsCPU:
		return pick(d.requests, corev1.ResourceCPU)
	case corev1.ResourceMemory, corev1.ResourceRequestsMemory:
		return pick(d.requests, corev1.ResourceMemory)
	case corev1.ResourceLimitsCPU:
		return pick(d.limits, corev1.ResourceCPU)
	case corev1.ResourceLimitsMemory:
		return pick(d.limits, corev1.ResourceMemory)
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
