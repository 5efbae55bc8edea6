package wire

import (
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Protocol is what load and targets agree on for one protocol. Each has a port
// of its own: a mesh takes a port for one protocol, and treats its traffic
// accordingly. How a mesh wants the port to be written is in its document.
type Protocol struct {
	ID v1alpha1.Protocol
	// Port is where targets speak it, and PortName its name in pods and Services.
	// The target's flag for the address has the same name.
	Port     int32
	PortName string
}

// Protocols are all that a worker speaks, in the order of their ports in a pod.
func Protocols() []Protocol {
	return []Protocol{
		{v1alpha1.ProtocolHTTP1, 8080, "http"},
		{v1alpha1.ProtocolH2C, 8078, "h2c"},
		{v1alpha1.ProtocolGRPC, 8079, "grpc"},
	}
}

// ProtocolIDs are the ids of all protocols.
func ProtocolIDs() []v1alpha1.Protocol {
	var all []v1alpha1.Protocol
	for _, p := range Protocols() {
		all = append(all, p.ID)
	}
	return all
}

// ProtocolOf is the protocol of an id; ok is false if nobody speaks it.
func ProtocolOf(id v1alpha1.Protocol) (p Protocol, ok bool) {
	all := Protocols()
	i := slices.IndexFunc(all, func(p Protocol) bool { return p.ID == id })
	if i < 0 {
		return Protocol{}, false
	}
	return all[i], true
}
