// Package layout says where everything of a test cluster is: its names, its
// files and its addresses. All of it follows from the cluster's name, its slot
// and its number of nodes, so every command of the tool agrees without asking.
package layout

import (
	"fmt"
	"path/filepath"
	"regexp"
)

// Base is the directory that holds the state of every cluster of this tool.
const Base = "/var/lib/meshbench-test"

// DefaultName is the name of the cluster when none is given.
const DefaultName = "meshbench"

// MaxNodes is the largest cluster the address plan has room for.
const MaxNodes = 16

// MaxSlots is the number of clusters that can exist side by side.
const MaxSlots = 64

// Layout is one cluster's place on this machine.
type Layout struct {
	// Name tells clusters apart.
	Name string `json:"name"`
	// Slot is unique among the clusters that exist now. It selects what must
	// not clash in the machine's own network: a link name and an address range.
	Slot int `json:"slot"`
	// Nodes is the number of nodes.
	Nodes int `json:"nodes"`
	// Family is which addresses there are inside; IPv4 if it does not say.
	Family Family `json:"family,omitempty"`
	// TraefikNames lets DNS answer SERVICE.NAMESPACE.traefik.mesh with the shadow
	// Service in the namespace traefik-mesh, as Traefik Mesh sets it up.
	TraefikNames bool `json:"traefikNames,omitempty"`
	// CNI is what joins pods to the network; the plugin ptp if it does not say.
	CNI CNI `json:"cni,omitempty"`
	// Audit lets the API server write down who asked it for what; see AuditLog.
	Audit bool `json:"audit,omitempty"`
}

// SameShape tells whether two clusters differ in name and place only.
func (l Layout) SameShape(other Layout) bool {
	l.Name, l.Slot = other.Name, other.Slot
	return l == other
}

// ValidateName reports whether name can name a cluster. The limit keeps the
// paths of sockets under the kernel's 108 bytes.
func ValidateName(name string) error {
	if !regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,18}[a-z0-9])?$`).MatchString(name) {
		return fmt.Errorf("cluster name %q: use 1 to 20 lower-case letters, digits and inner dashes", name)
	}
	return nil
}

// Validate reports whether the layout can be built.
func (l Layout) Validate() error {
	if err := ValidateName(l.Name); err != nil {
		return err
	}
	if l.Nodes < 1 || l.Nodes > MaxNodes {
		return fmt.Errorf("%d nodes: use 1 to %d", l.Nodes, MaxNodes)
	}
	switch l.Family {
	case "", IPv4, IPv6, Dual:
	default:
		return fmt.Errorf("family %q: use %s, %s or %s", l.Family, IPv4, IPv6, Dual)
	}
	if err := l.validateCNI(); err != nil {
		return err
	}
	if l.Slot < 0 || l.Slot >= MaxSlots {
		return fmt.Errorf("slot %d: use 0 to %d", l.Slot, MaxSlots-1)
	}
	return nil
}

// NodeNames lists the nodes in order.
func (l Layout) NodeNames() []string {
	names := make([]string, l.Nodes)
	for i := range names {
		names[i] = NodeName(i + 1)
	}
	return names
}

// NodeName is the name of node number n, counted from 1.
func NodeName(n int) string { return fmt.Sprintf("node-%d", n) }

// NodeNumber is the number of the named node.
func (l Layout) NodeNumber(node string) (int, error) {
	for i, name := range l.NodeNames() {
		if name == node {
			return i + 1, nil
		}
	}
	return 0, fmt.Errorf("cluster %q has no node %q: its nodes are %v", l.Name, node, l.NodeNames())
}

// Dir is the directory of the cluster's whole state.
func (l Layout) Dir() string { return Dir(l.Name) }

// Dir is the state directory of the named cluster.
func Dir(name string) string { return filepath.Join(Base, "clusters", name) }

// SlotDir holds one file for each slot in use.
func SlotDir() string { return filepath.Join(Base, "slots") }

// BinDir holds the cluster's programs, kubectl among them.
func (l Layout) BinDir() string { return filepath.Join(l.Dir(), "bin") }

// PKIDir holds keys and certificates.
func (l Layout) PKIDir() string { return filepath.Join(l.Dir(), "pki") }

// ConfigDir holds the rendered configuration.
func (l Layout) ConfigDir() string { return filepath.Join(l.Dir(), "config") }

// LogDir holds one log file for each component.
func (l Layout) LogDir() string { return filepath.Join(l.Dir(), "logs") }

// ComponentDir holds one record for each component.
func (l Layout) ComponentDir() string { return filepath.Join(l.Dir(), "components") }

// Kubeconfig is the administrator's kubeconfig, usable from the machine.
func (l Layout) Kubeconfig() string { return filepath.Join(l.Dir(), "kubeconfig") }

// Root holds the directories a sandbox sees in place of the machine's /run,
// /tmp, /var/lib and /var/log.
func (l Layout) Root(sandbox string) string { return filepath.Join(l.Dir(), "roots", sandbox) }

// ContainerdSocket is the node's containerd socket, seen from the machine.
func (l Layout) ContainerdSocket(node string) string {
	return filepath.Join(l.Root(node), "run", "containerd", "containerd.sock")
}

// Cgroup is the path of the cluster's control group in every hierarchy.
func (l Layout) Cgroup() string { return "/meshbench-test-" + l.Name }

// NodeCgroup is the control group above a node's pods.
func (l Layout) NodeCgroup(node string) string { return l.Cgroup() + "/" + node }

// DaemonCgroup is the control group of everything that is not a container.
func (l Layout) DaemonCgroup() string { return l.Cgroup() + "/daemons" }

// HostLink is the name of the machine's end of the link to the cluster.
func (l Layout) HostLink() string { return fmt.Sprintf("mbtest%d", l.Slot) }
