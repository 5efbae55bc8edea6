// Package reach says what NetworkPolicies make of traffic between pods. It
// follows networking.k8s.io/v1; whether a cluster's network enforces it at all,
// and what policies of other kinds say, is not known here.
package reach

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// Answer says whether traffic passes. The larger, the better.
type Answer int

// The answers.
const (
	Blocked Answer = iota
	// Unclear: it depends on what is not known, such as the address of a pod.
	Unclear
	Open
)

// Pod is one end of a connection, as policies select it.
type Pod struct {
	Namespace       string
	NamespaceLabels map[string]string
	Labels          map[string]string
	// Ports are those that have a name, for policies that use it.
	Ports []corev1.ContainerPort
	// Partly is set if the pod and its namespace may carry other labels, or other
	// values, than are told here, or be elsewhere.
	Partly bool
}

// Port is where a connection goes to, in the pod.
type Port struct {
	Protocol corev1.Protocol
	Number   int32
}

// Verdict is what the policies of one direction say.
type Verdict struct {
	Answer Answer
	// Policies are the names of those that select the pod; none: all passes.
	Policies []string
}

// Egress says whether a pod may open a connection to another one.
func Egress(policies []networkingv1.NetworkPolicy, from, to Pod, port Port) Verdict {
	return verdict(policies, from, networkingv1.PolicyTypeEgress, func(p networkingv1.NetworkPolicy) (best Answer) {
		for _, rule := range p.Spec.Egress {
			best = max(best, min(ports(rule.Ports, port, to), peers(rule.To, p.Namespace, to)))
		}
		return best
	})
}

// Ingress says whether a pod may be reached by another one.
func Ingress(policies []networkingv1.NetworkPolicy, to, from Pod, port Port) Verdict {
	return verdict(policies, to, networkingv1.PolicyTypeIngress, func(p networkingv1.NetworkPolicy) (best Answer) {
		for _, rule := range p.Spec.Ingress {
			best = max(best, min(ports(rule.Ports, port, to), peers(rule.From, p.Namespace, from)))
		}
		return best
	})
}

// verdict asks the policies of one direction that select a pod; the best answer
// counts, as policies add up.
func verdict(policies []networkingv1.NetworkPolicy, of Pod, direction networkingv1.PolicyType,
	answer func(networkingv1.NetworkPolicy) Answer) Verdict {
	var v Verdict
	for _, p := range policies {
		if p.Namespace == of.Namespace && applies(p, direction) && matches(&p.Spec.PodSelector, of.Labels, false) == Open {
			v.Policies = append(v.Policies, p.Name)
			v.Answer = max(v.Answer, answer(p))
		}
	}
	return v.ended()
}

// ended opens what no policy selects.
func (v Verdict) ended() Verdict {
	if len(v.Policies) == 0 {
		v.Answer = Open
	}
	slices.Sort(v.Policies)
	return v
}

// applies reports whether a policy speaks of a direction. One that does not say
// is of ingress, and of egress if it has rules for that.
func applies(p networkingv1.NetworkPolicy, direction networkingv1.PolicyType) bool {
	if len(p.Spec.PolicyTypes) > 0 {
		return slices.Contains(p.Spec.PolicyTypes, direction)
	}
	return direction == networkingv1.PolicyTypeIngress || len(p.Spec.Egress) > 0
}

// ports says whether one of a rule's ports is that of the connection. A rule
// without ports is of all of them.
func ports(all []networkingv1.NetworkPolicyPort, port Port, of Pod) Answer {
	if len(all) == 0 {
		return Open
	}
	best := Blocked
	for _, p := range all {
		best = max(best, covers(p, port, of))
	}
	return best
}

func covers(p networkingv1.NetworkPolicyPort, port Port, of Pod) Answer {
	protocol := corev1.ProtocolTCP
	if p.Protocol != nil {
		protocol = *p.Protocol
	}
	is := func(yes bool) Answer {
		if yes {
			return Open
		}
		return Blocked
	}
	switch {
	case protocol != port.Protocol:
		return Blocked
	case p.Port == nil:
		return Open
	case p.Port.StrVal == "" && p.EndPort != nil:
		return is(p.Port.IntVal <= port.Number && port.Number <= *p.EndPort)
	case p.Port.StrVal == "":
		return is(p.Port.IntVal == port.Number)
	}
	for _, named := range of.Ports {
		if named.Name == p.Port.StrVal && cmp.Or(named.Protocol, corev1.ProtocolTCP) == protocol {
			return is(named.ContainerPort == port.Number)
		}
	}
	if of.Partly {
		return Unclear
	}
	return Blocked
}

// peers says whether one of a rule's peers is that pod. A rule without peers is
// of everybody.
func peers(all []networkingv1.NetworkPolicyPeer, namespace string, pod Pod) Answer {
	if len(all) == 0 {
		return Open
	}
	best := Blocked
	for _, p := range all {
		best = max(best, isPeer(p, namespace, pod))
	}
	return best
}

func isPeer(p networkingv1.NetworkPolicyPeer, namespace string, pod Pod) Answer {
	if p.IPBlock != nil {
		return Unclear // a pod's address is not known before, and networks differ about blocks that hold pods
	}
	in := Blocked
	switch {
	case p.NamespaceSelector != nil:
		in = matches(p.NamespaceSelector, pod.namespaceLabels(), pod.Partly)
	case pod.Namespace == namespace:
		in = Open
	}
	if p.PodSelector != nil {
		in = min(in, matches(p.PodSelector, pod.Labels, pod.Partly))
	}
	return in
}

// namespaceLabels are those of the pod's namespace, with the one that the API
// server gives to each.
func (p Pod) namespaceLabels() map[string]string {
	all := map[string]string{corev1.LabelMetadataName: p.Namespace}
	for key, value := range p.NamespaceLabels {
		all[key] = value
	}
	return all
}

// matches says whether labels are those that a selector wants. Of what is only
// partly known, no more is said than that it fits.
func matches(selector *metav1.LabelSelector, have map[string]string, partly bool) Answer {
	parsed, err := metav1.LabelSelectorAsSelector(selector)
	if err != nil {
		return Unclear
	}
	if parsed.Matches(labels.Set(have)) {
		return Open
	}
	if partly {
		return Unclear
	}
	return Blocked
}
