package mesh

import (
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Addressing is how a target in the mesh is reached, and what its Service and
// pods must say so that the mesh takes its traffic for what it is. The zero
// value is a plain Service.
type Addressing struct {
	// Host is the name that clients call, with {service} and {namespace};
	// empty for the Service's own name.
	Host string `json:"host,omitempty"`
	// Ports say, per protocol, how a Service's port tells it to the mesh.
	Ports map[v1alpha1.Protocol]Port `json:"ports,omitempty"`
	// ServicePerProtocol is set where the protocol is a property of the
	// Service, not of its port.
	ServicePerProtocol bool `json:"servicePerProtocol,omitempty"`
	// DerivedName is what the mesh calls the Service that it makes of one of ours,
	// with {service} and {namespace}; empty if it makes none. A name may have 63
	// characters, so that ours have to be short then.
	DerivedName string `json:"derivedName,omitempty"`
	// ServiceForClients is set where each pod, load pods too, needs a Service
	// that selects it.
	ServiceForClients bool `json:"serviceForClients,omitempty"`
	// ServiceAccountToken is set where the proxy needs the pod's token.
	ServiceAccountToken bool `json:"serviceAccountToken,omitempty"`
	// PodLabels and PodAnnotations are what pods of ours must carry.
	PodLabels      map[string]string `json:"podLabels,omitempty"`
	PodAnnotations map[string]string `json:"podAnnotations,omitempty"`
	// TunnelPort is the port of a pod at which the mesh's traffic enters it in
	// place of the pod's own, as policies of the network see it; 0 for none.
	TunnelPort int32 `json:"tunnelPort,omitempty"`
	// Note says what else decides the protocol that the mesh sees.
	Note string `json:"note,omitempty"`
	// Impossible says why a target cannot be addressed without objects of the
	// mesh that meshbench does not create.
	Impossible string `json:"impossible,omitempty"`
}

// Port is how one port of a Service is written.
type Port struct {
	Name        string `json:"name,omitempty"`
	AppProtocol string `json:"appProtocol,omitempty"`
	// ServiceAnnotations go on the Service that carries the port.
	ServiceAnnotations map[string]string `json:"serviceAnnotations,omitempty"`
}

// HostOf is the name that clients call for a Service.
func (a Addressing) HostOf(service, namespace string) string {
	host := a.Host
	if host == "" {
		host = "{service}.{namespace}.svc"
	}
	return named(host, service, namespace)
}

// TooLong is by how many characters the name that the mesh derives of a Service
// exceeds what a name may have; 0 if it does not.
func (a Addressing) TooLong(service, namespace string) int {
	const longest = 63 // of a label of DNS, as names of Services are
	return max(0, len(named(a.DerivedName, service, namespace))-longest)
}

func named(pattern, service, namespace string) string {
	return strings.NewReplacer("{service}", service, "{namespace}", namespace).Replace(pattern)
}
