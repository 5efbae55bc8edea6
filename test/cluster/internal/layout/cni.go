package layout

import "fmt"

// CNI says what joins pods to the network.
type CNI string

const (
	// PTP is the plugin ptp of the CNI project: a link for each pod, and routes.
	PTP CNI = "ptp"
	// Cilium is the agent of Cilium: programs in the kernel, and no proxies.
	Cilium CNI = "cilium"
)

// HasCilium reports whether pods are joined by Cilium.
func (l Layout) HasCilium() bool { return l.CNI == Cilium }

func (l Layout) validateCNI() error {
	switch l.CNI {
	case "", PTP:
		return nil
	case Cilium:
		if l.HasIPv6() {
			return fmt.Errorf("network %q is set up for %s alone, not for family %q", l.CNI, IPv4, l.Family)
		}
		return nil
	default:
		return fmt.Errorf("network %q: use %s or %s", l.CNI, PTP, Cilium)
	}
}

// PluginDir holds the plugins of a cluster that does not use the machine's own.
func (l Layout) PluginDir() string { return l.Dir() + "/cni" }
