package runner

import (
	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// probesOf keeps what a load pod and its target saw of each other, and then what the
// hops of a chain did.
func probesOf(h harvest) []v1alpha1.Probe {
	all := []v1alpha1.Probe{probeOf(h.pod.Name, *h.probe)}
	for from, hop := h.probe, 2; from.Next != nil; from, hop = from.Next, hop+1 {
		next := probeOf(from.Pod, *from.Next)
		next.Hop = hop
		all = append(all, next)
	}
	return all
}

func probeOf(from string, seen wire.Probe) v1alpha1.Probe {
	return v1alpha1.Probe{
		Pod:             from,
		RemoteAddress:   seen.RemoteAddress,
		Seen:            seen.Protocol,
		RequestHeaders:  seen.Headers,
		ResponseHeaders: seen.ResponseHeaders,
		ServerHeader:    seen.ServerHeader,
		ClientIdentity:  seen.ClientIdentity,
		IdentityHeader:  seen.IdentityHeader,
	}
}
