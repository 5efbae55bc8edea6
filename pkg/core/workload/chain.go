package workload

import (
	"net"
	"strconv"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// labelHop tells the hops of a chain apart; the first is the target itself.
const labelHop = v1alpha1.Group + "/hop"

// hopPod is a further target of chains, counted from 2.
func hopPod(run Run, arm, anchor v1alpha1.Arm, hop int, size v1alpha1.PodSize) *corev1.Pod {
	pod := podFor(run, arm, componentHop, run.nameFor(arm, hopName(hop)), size)
	pod.Labels[labelHop] = strconv.Itoa(hop)
	serving(run, arm, pod, hop)
	beside(run, pod, anchor, false)
	return pod
}

func hopName(hop int) string { return componentHop + "-" + strconv.Itoa(hop) }

// hopServices are those by which one hop calls the next, as the mesh wants them.
func hopServices(run Run, arm v1alpha1.Arm) []*corev1.Service {
	var all []*corev1.Service
	add := func(hop int, p v1alpha1.Protocol, protocols ...wire.Protocol) {
		s := serviceFor(run, arm, componentHop, run.serviceName(arm, hopName(hop), p), protocols...)
		s.Spec.Selector[labelHop] = strconv.Itoa(hop)
		all = append(all, s)
	}
	for hop := 2; hop <= run.Chain.Hops; hop++ {
		if !run.Addressing[arm.Name].ServicePerProtocol {
			add(hop, "", run.protocols()...)
			continue
		}
		for _, p := range run.protocols() {
			add(hop, p.ID, p)
		}
	}
	return all
}

// nextArgs tell a target which one to call. It is said when the pod is made and
// never by a request.
func nextArgs(run Run, arm v1alpha1.Arm, hop int) []string {
	if hop >= run.Chain.Hops {
		return nil
	}
	most := wire.Chain{Hops: run.Chain.Hops - hop + 1, FanOut: 1}
	connections := run.NextConnections
	if hop == 1 {
		most.FanOut = run.Chain.FanOut
	}
	args := []string{"--chain", most.String(), "--next-connections", strconv.Itoa(connections)}
	for _, p := range run.protocols() {
		host := run.Addressing[arm.Name].HostOf(run.serviceName(arm, hopName(hop+1), p.ID), arm.Namespace)
		args = append(args, "--next", string(p.ID)+"="+net.JoinHostPort(host, strconv.Itoa(int(p.Port))))
	}
	return args
}

// InUse are the places in ArmObjects.Targets of those that a level's requests go
// through: its replicas, or the hops of its chain in their order.
func (r Run) InUse(l v1alpha1.Level) []int {
	var all []int
	for ordinal := range min(max(l.Replicas, 1), r.mostReplicas()) {
		all = append(all, ordinal)
	}
	for hop := 2; hop <= min(l.Hops, r.Chain.Hops); hop++ {
		all = append(all, r.mostReplicas()+hop-2)
	}
	return all
}
