package runner

import "github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"

// probeOf keeps what a load pod and its target saw of each other.
func probeOf(h harvest) v1alpha1.Probe {
	return v1alpha1.Probe{
		Pod:             h.pod.Name,
		RemoteAddress:   h.probe.RemoteAddress,
		Seen:            h.probe.Protocol,
		RequestHeaders:  h.probe.Headers,
		ResponseHeaders: h.probe.ResponseHeaders,
		ServerHeader:    h.probe.ServerHeader,
		ClientIdentity:  h.probe.ClientIdentity,
		IdentityHeader:  h.probe.IdentityHeader,
	}
}
