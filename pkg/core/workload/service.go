package workload

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/mesh"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// protocols are those of the run in a fixed order.
func (r Run) protocols() []wire.Protocol {
	all := wire.Protocols()
	if len(r.Protocols) == 0 {
		return all
	}
	return slices.DeleteFunc(all, func(p wire.Protocol) bool { return !slices.Contains(r.Protocols, p.ID) })
}

// services are the Services of an arm: one for the target, or one for each
// protocol, and one for the load pods, as its mesh wants it.
func services(run Run, arm v1alpha1.Arm) []*corev1.Service {
	address := run.Addressing[arm.Name]
	var all []*corev1.Service
	for _, replicas := range run.replicas() {
		if address.ServicePerProtocol {
			for _, p := range run.protocols() {
				all = append(all, targetService(run, arm, replicas, p.ID, p))
			}
		} else {
			all = append(all, targetService(run, arm, replicas, "", run.protocols()...))
		}
	}
	all = append(all, hopServices(run, arm)...)
	if address.ServiceForClients {
		all = append(all, serviceFor(run, arm, componentLoad, run.nameFor(arm, "load"), run.protocols()...))
	}
	return all
}

// targetService is the Service of so many targets, for one protocol or all.
func targetService(run Run, arm v1alpha1.Arm, replicas int, p v1alpha1.Protocol,
	protocols ...wire.Protocol) *corev1.Service {
	s := serviceFor(run, arm, componentTarget, run.serviceName(arm, run.targetName(replicas), p), protocols...)
	if run.sweepsReplicas() {
		s.Spec.Selector[labelBehind(replicas)] = "true"
	}
	return s
}

func serviceFor(run Run, arm v1alpha1.Arm, component, name string, protocols ...wire.Protocol) *corev1.Service {
	address := run.Addressing[arm.Name]
	s := &corev1.Service{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Service"},
		ObjectMeta: metaFor(run, arm, component, name),
		Spec: corev1.ServiceSpec{
			Type:     corev1.ServiceTypeClusterIP,
			Selector: selector(labelsFor(run, arm, component)),
		},
	}
	for _, p := range protocols {
		said := address.Ports[p.ID]
		port := corev1.ServicePort{Name: p.PortName, Port: p.Port, TargetPort: intstr.FromString(p.PortName),
			Protocol: corev1.ProtocolTCP}
		if component == componentLoad {
			port.TargetPort = intstr.FromInt32(p.Port) // nothing listens there, and no port is declared
		}
		if said.Name != "" {
			port.Name = said.Name
		}
		if said.AppProtocol != "" {
			port.AppProtocol = &said.AppProtocol
		}
		maps.Copy(s.Annotations, said.ServiceAnnotations)
		s.Spec.Ports = append(s.Spec.Ports, port)
	}
	return s
}

// targetName is that of so many targets, before the run's own names are put to it.
func (r Run) targetName(replicas int) string { return componentTarget + r.replicaSuffix(replicas) }

// serviceName is that of the Service by which pods are called that go by a name.
func (r Run) serviceName(arm v1alpha1.Arm, name string, p v1alpha1.Protocol) string {
	address := r.Addressing[arm.Name]
	if address.ServicePerProtocol {
		name += "-" + string(p)
	}
	if address.DerivedName != "" {
		return r.shortName(strings.TrimPrefix(name, componentTarget+"-"))
	}
	return r.nameFor(arm, name)
}

// NamesFit is an error if an arm's mesh would make a name of one of its Services
// that is longer than a name may be: whoever calls it is told that there is no such
// name.
func NamesFit(address mesh.Addressing, arm v1alpha1.Arm) error {
	run := Run{ID: "0000", Addressing: map[string]mesh.Addressing{arm.Name: address}}
	for _, s := range services(run, arm) {
		if over := address.TooLong(s.Name, arm.Namespace); over > 0 {
			return fmt.Errorf("the mesh makes a Service of each of ours whose name holds the namespace's, and %q is %d "+
				"characters too long for it: use a namespace with a name of at most %d", arm.Namespace, over,
				len(arm.Namespace)-over)
		}
	}
	return nil
}

// TargetHost is the host name under which load pods reach so many targets of an arm.
func TargetHost(run Run, arm v1alpha1.Arm, replicas int, p v1alpha1.Protocol) string {
	return run.Addressing[arm.Name].HostOf(run.serviceName(arm, run.targetName(replicas), p), arm.Namespace)
}
