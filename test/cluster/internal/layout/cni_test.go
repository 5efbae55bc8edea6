package layout

import "testing"

func TestCiliumJoinsPodsOfIPv4Alone(t *testing.T) {
	for _, one := range []struct {
		cni    CNI
		family Family
		ok     bool
	}{
		{"", IPv6, true}, {PTP, Dual, true}, {Cilium, "", true}, {Cilium, IPv4, true}, {Cilium, IPv6, false},
		{Cilium, Dual, false}, {"calico", "", false},
	} {
		l := Layout{Name: "a", Nodes: 1, CNI: one.cni, Family: one.family}
		if got := l.Validate() == nil; got != one.ok || l.HasCilium() != (one.cni == Cilium) {
			t.Errorf("network %q, family %q: allowed %v, want %v", one.cni, one.family, got, one.ok)
		}
	}
}
