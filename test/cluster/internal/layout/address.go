package layout

import "fmt"

const (
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
