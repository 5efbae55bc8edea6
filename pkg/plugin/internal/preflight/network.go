package preflight

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/arms"
	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
	"github.com/meshbench/kubectl-meshbench/pkg/core/reach"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// Policies reads the NetworkPolicies of a namespace. Users may often not.
type Policies interface {
	NetworkPolicies(ctx context.Context, namespace string) ([]networkingv1.NetworkPolicy, error)
}

// step is one part of a request's way through the policies of a namespace.
type step struct {
	what    string
	verdict reach.Verdict
}

// passage asks whether NetworkPolicies let the load pods of an arm reach its
// target and a name server. Answers come back by themselves: policies are of
// connections.
func (c *checker) passage(ctx context.Context, in Cluster, arm v1alpha1.Arm) Result {
	policies, err := in.NetworkPolicies(ctx, arm.Namespace)
	if err != nil {
		return unknown(err.Error(), grants(kube.Permission{Verb: "list", Group: networkingv1.GroupName,
			Resource: "networkpolicies", Namespace: arm.Namespace}))
	}
	if len(policies) == 0 {
		return holds("namespace %s has no NetworkPolicy; policies of other kinds are not read", arms.PlaceOf(arm))
	}
	ns, err := in.Namespace(ctx, arm.Namespace)
	if err != nil {
		return unknown(err.Error(), "")
	}
	if c.callsService() {
		return unknown("whether NetworkPolicies let load pods through to a Service of yours is not worked out",
			"a run shows it:\n  "+c.Say.Plugin("", "check", "--deep"))
	}
	load, target, err := c.ends(arm, ns.Labels)
	if err != nil {
		return unknown(err.Error(), "")
	}
	way := append(c.way(policies, load, target, c.tunnels[arm.Name]), c.proxies(policies, arm, load)...)
	return c.judged(arm, way)
}

// ends are a load pod and the target of an arm, as admission gave them back or as
// we make them.
func (c *checker) ends(arm v1alpha1.Arm, namespaceLabels map[string]string) (load, target reach.Pod, err error) {
	ours, err := c.podsOf(arm)
	if err != nil {
		return load, target, err
	}
	pods := c.accepted[arm.Name]
	if len(pods) < len(ours) {
		pods = ours
	}
	if len(pods) < 2 {
		return load, target, fmt.Errorf("there is no plan for arm %s", arm.Name)
	}
	end := func(pod *corev1.Pod) reach.Pod {
		p := reach.Pod{Namespace: arm.Namespace, NamespaceLabels: namespaceLabels, Labels: pod.Labels}
		for _, container := range pod.Spec.Containers {
			p.Ports = append(p.Ports, container.Ports...)
		}
		return p
	}
	return end(pods[1]), end(pods[0]), nil
}

// way is what the policies say of each step from a load pod to its target. A mesh
// that tunnels between nodes ends its tunnel in the pod, at a port of its own.
func (c *checker) way(policies []networkingv1.NetworkPolicy, load, target reach.Pod, tunnel int32) []step {
	steps := []step{{"load pods to a name server", names(policies, load)}}
	to := func(what string, number int32) {
		port := reach.Port{Protocol: corev1.ProtocolTCP, Number: number}
		steps = append(steps,
			step{fmt.Sprintf("load pods out to port %d of the target, %s", number, what),
				reach.Egress(policies, load, target, port)},
			step{fmt.Sprintf("load pods in to port %d of the target, %s", number, what),
				reach.Ingress(policies, target, load, port)})
	}
	if tunnel != 0 {
		to("the mesh's tunnel", tunnel)
		return steps
	}
	for _, p := range wire.Protocols() {
		if slices.Contains(c.plan.Run.Protocols, p.ID) {
			to(string(p.ID), p.Port)
		}
	}
	return steps
}

// names asks for the cluster's name servers: pods of kube-system by default,
// which listen at 53, or at 5353 in OpenShift.
func names(policies []networkingv1.NetworkPolicy, load reach.Pod) reach.Verdict {
	const usual, openshift = 53, 5353
	server := func(number int32) reach.Pod {
		return reach.Pod{Namespace: "kube-system", Labels: map[string]string{"k8s-app": "kube-dns"}, Partly: true,
			Ports: []corev1.ContainerPort{{Name: "dns", ContainerPort: number, Protocol: corev1.ProtocolUDP}}}
	}
	ask := func(number int32) reach.Verdict {
		return reach.Egress(policies, load, server(number), reach.Port{Protocol: corev1.ProtocolUDP, Number: number})
	}
	v := ask(usual)
	if other := ask(openshift); v.Answer == reach.Blocked && other.Answer != reach.Blocked {
		v.Answer = reach.Unclear
	}
	return v
}

func (c *checker) judged(arm v1alpha1.Arm, way []step) Result {
	var blocked, unclear, open []string
	for _, s := range way {
		text := s.what
		if len(s.verdict.Policies) > 0 {
			text += fmt.Sprintf(" (%s)", strings.Join(s.verdict.Policies, ", "))
		}
		switch s.verdict.Answer {
		case reach.Blocked:
			blocked = append(blocked, text)
		case reach.Unclear:
			unclear = append(unclear, text)
		case reach.Open:
			open = append(open, text)
		}
	}
	prove := "whether the cluster's network enforces it, a run shows:\n  " + c.Say.Plugin("", "check", "--deep")
	switch {
	case len(blocked) > 0:
		c.blocked[arm.Name] = strings.Join(blocked, "; ")
		return broken(fmt.Sprintf("NetworkPolicies of namespace %s do not let through %s", arms.PlaceOf(arm),
			c.blocked[arm.Name]),
			"allow it between pods with the label app.kubernetes.io/name=meshbench, and to UDP port 53; "+prove)
	case len(unclear) > 0:
		return unknown(fmt.Sprintf("NetworkPolicies of namespace %s do not tell whether they let through %s",
			arms.PlaceOf(arm),
			strings.Join(unclear, "; ")), prove)
	default:
		return holds("NetworkPolicies let through %s", strings.Join(open, "; "))
	}
}

// proxies says whether the policies let proxies reach their control plane. Where
// that is, is not known here: they do if all may be reached.
func (c *checker) proxies(policies []networkingv1.NetworkPolicy, arm v1alpha1.Arm, load reach.Pod) []step {
	sidecar := func(p *corev1.Pod) bool { return additionsTo(p).runs() }
	if arm.Role == v1alpha1.RoleBaseline || !slices.ContainsFunc(c.accepted[arm.Name], sidecar) {
		return nil
	}
	v := reach.Egress(policies, load, reach.Pod{Partly: true}, reach.Port{Protocol: corev1.ProtocolTCP})
	if v.Answer != reach.Open {
		v.Answer = reach.Unclear
	}
	return []step{{"the proxies to their control plane", v}}
}
