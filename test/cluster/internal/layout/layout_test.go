package layout

import (
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
	for n := 1; n <= MaxNodes; n++ {
		if seen[NodePodCIDR(n)] || seen[NodeAddress(n)] {
			t.Errorf("node %d shares a network", n)
		}
		seen[NodePodCIDR(n)], seen[NodeAddress(n)] = true, true
	}
	if _, err := (Layout{Name: "x", Nodes: 1}).NodeNumber("node-2"); err == nil {
		t.Error("a node that does not exist has a number")
	}
}
