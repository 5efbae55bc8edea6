package layout

import (
	"net"
	"strings"
	"testing"
)

func TestNames(t *testing.T) {
	for name, ok := range map[string]bool{"a": true, "meshbench": true, "a-b-1": true, "": false, "-a": false, "A": false,
		"a/b": false, "a.b": false, strings.Repeat("a", 21): false} {
		if got := ValidateName(name) == nil; got != ok {
			t.Errorf("name %q is allowed: %v, want %v", name, got, ok)
		}
	}
}

func TestTheSocketPathFitsTheKernel(t *testing.T) {
	l := Layout{Name: strings.Repeat("a", 20), Nodes: MaxNodes}
	if path := l.ContainerdSocket(NodeName(MaxNodes)); len(path) >= 108 {
		t.Errorf("%s is %d bytes long", path, len(path))
	}
}

func TestEachNodeHasAPodNetworkOfItsOwn(t *testing.T) {
	seen := map[string]bool{}
	for _, a := range (Layout{Family: Dual}).Addresses() {
		_, pods, err := net.ParseCIDR(a.Pods())
		if err != nil {
			t.Fatal(err)
		}
		for n := 1; n <= MaxNodes; n++ {
			if seen[a.NodePods(n)] || seen[a.Node(n)] {
				t.Errorf("node %d shares a network", n)
			}
			seen[a.NodePods(n)], seen[a.Node(n)] = true, true
			if at, _, err := net.ParseCIDR(a.NodePods(n)); err != nil || !pods.Contains(at) {
				t.Errorf("pods of node %d are at %s, not within %s: %v", n, a.NodePods(n), pods, err)
			}
		}
		_, services, err := net.ParseCIDR(a.Services())
		if err != nil {
			t.Fatal(err)
		}
		for _, address := range []string{a.DNS(), a.APIService()} {
			if ip := net.ParseIP(address); !services.Contains(ip) || ip.String() != address {
				t.Errorf("%s is not within %s, or is written otherwise", address, services)
			}
		}
	}
	if _, err := (Layout{Name: "x", Nodes: 1}).NodeNumber("node-2"); err == nil {
		t.Error("a node that does not exist has a number")
	}
}

func TestFamiliesAreThreeAndIPv4IsTheDefault(t *testing.T) {
	for family, want := range map[Family]string{"": "IPv4", IPv4: "IPv4", IPv6: "IPv6", Dual: "IPv4,IPv6"} {
		l := Layout{Name: "a", Nodes: 1, Family: family}
		if got := l.Joined(Addresses.Name); l.Validate() != nil || got != want {
			t.Errorf("family %q: %s, error %v; want %s", family, got, l.Validate(), want)
		}
	}
	if (Layout{Name: "a", Nodes: 1, Family: "ipx"}).Validate() == nil {
		t.Error("ipx is a family")
	}
	if got := (Layout{Family: IPv6}).InnerAPIURL(); got != "https://[fd00:100::1]:6443" {
		t.Errorf("the API server is at %s", got)
	}
}
