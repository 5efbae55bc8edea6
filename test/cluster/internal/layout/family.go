package layout

import (
	"fmt"
	"net"
	"strconv"
	"strings"
)

// Family says which addresses nodes, pods and Services have.
type Family string

// The families. In a dual one IPv4 comes first. The link between the machine and
// the control plane has IPv4 in each.
const (
	IPv4 Family = "ipv4"
	IPv6 Family = "ipv6"
	Dual Family = "dual"
)

// Addresses are the networks inside a cluster of one family. They are the same in
// every cluster, because no cluster can see another one or the machine's networks.
type Addresses struct{ six bool }

// Addresses are those of the layout's families, the first one first.
func (l Layout) Addresses() []Addresses {
	switch l.Family {
	case IPv6:
		return []Addresses{{six: true}}
	case Dual:
		return []Addresses{{}, {six: true}}
	default:
		return []Addresses{{}}
	}
}

// First are the addresses that components are told where there can be only one.
func (l Layout) First() Addresses { return l.Addresses()[0] }

// HasIPv6 reports whether anything inside has an address of IPv6.
func (l Layout) HasIPv6() bool { return l.Family == IPv6 || l.Family == Dual }

// Any is the address of a server that listens on all addresses: that of IPv6 takes
// both families.
func (l Layout) Any() string {
	if l.HasIPv6() {
		return "::"
	}
	return "0.0.0.0"
}

// Joined are one thing of each family, separated by commas.
func (l Layout) Joined(of func(Addresses) string) string {
	var all []string
	for _, a := range l.Addresses() {
		all = append(all, of(a))
	}
	return strings.Join(all, ",")
}

func (a Addresses) either(four, six string) string {
	if a.six {
		return six
	}
	return four
}

// Name is as Kubernetes calls the family.
func (a Addresses) Name() string { return a.either("IPv4", "IPv6") }

// NodePrefix is the length of the network that joins the control plane and the
// nodes.
func (a Addresses) NodePrefix() string { return a.either("24", "64") }

// Everywhere is the network of all addresses.
func (a Addresses) Everywhere() string { return a.either("0.0.0.0/0", "::/0") }

// Pods holds every node's pods.
func (a Addresses) Pods() string { return a.either("10.101.0.0/16", "fd00:101::/48") }

// Services holds the virtual addresses of Services.
func (a Addresses) Services() string { return a.either("10.102.0.0/16", "fd00:102::/112") }

// APIService is the address of the Service "kubernetes".
func (a Addresses) APIService() string { return a.either("10.102.0.1", "fd00:102::1") }

// DNS is the address of the Service "kube-dns".
func (a Addresses) DNS() string { return a.either("10.102.0.10", "fd00:102::a") }

// ControlPlane is the control plane as nodes and pods see it.
func (a Addresses) ControlPlane() string { return a.either("10.100.0.1", "fd00:100::1") }

// Node is the address of node number n.
func (a Addresses) Node(n int) string {
	return a.either(fmt.Sprintf("10.100.0.%d", 10+n), fmt.Sprintf("fd00:100::%x", 16+n))
}

// NodePods is the network of the pods of node number n.
func (a Addresses) NodePods(n int) string {
	return a.either(fmt.Sprintf("10.101.%d.0/24", n), fmt.Sprintf("fd00:101:0:%x::/64", n))
}

// InnerAPIURL is the API server as nodes see it.
func (l Layout) InnerAPIURL() string {
	return "https://" + net.JoinHostPort(l.First().ControlPlane(), strconv.Itoa(APIPort))
}
