package layout

import "fmt"

// The networks inside a cluster. They are the same in every cluster, because
// no cluster can see another one or the machine's networks.
const (
	// NodeCIDR joins the control plane and the nodes.
	NodeCIDR = "10.100.0.0/24"
	// PodCIDR holds every node's pods.
	PodCIDR = "10.101.0.0/16"
	// ServiceCIDR holds the virtual addresses of Services.
	ServiceCIDR = "10.102.0.0/16"
	// APIServiceAddress is the Service "kubernetes".
	APIServiceAddress = "10.102.0.1"
	// DNSAddress is the Service "kube-dns".
	DNSAddress = "10.102.0.10"
	// ControlPlaneAddress is the control plane as nodes and pods see it.
	ControlPlaneAddress = "10.100.0.1"
	// APIPort is the API server's port on all its addresses.
	APIPort = 6443
	// ClusterDomain is the DNS suffix of Services.
	ClusterDomain = "cluster.local"
)

// HostAddress is the machine's end of the link to the control plane. It comes
// from the range reserved for benchmarking, so it clashes with no real network.
// Only the control plane can reach it.
func (l Layout) HostAddress() string { return fmt.Sprintf("198.18.%d.1", l.Slot) }

// APIAddress is the control plane as the machine sees it.
func (l Layout) APIAddress() string { return fmt.Sprintf("198.18.%d.2", l.Slot) }

// HostPrefix is the length of the network of that link.
const HostPrefix = 30

// APIURL is the API server as the machine sees it.
func (l Layout) APIURL() string { return fmt.Sprintf("https://%s:%d", l.APIAddress(), APIPort) }

// InnerAPIURL is the API server as nodes see it.
func InnerAPIURL() string { return fmt.Sprintf("https://%s:%d", ControlPlaneAddress, APIPort) }

// NodeAddress is the address of node number n.
func NodeAddress(n int) string { return fmt.Sprintf("10.100.0.%d", 10+n) }

// NodePodCIDR is the network of the pods of node number n.
func NodePodCIDR(n int) string { return fmt.Sprintf("10.101.%d.0/24", n) }
