package survey

// Architecture is one way to place a data plane, with the way of a request.
type Architecture struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	// Figure is the thesis' number of its drawing, empty for newer ones.
	Figure string `json:"figure,omitempty"`
	// Hops are those of a request between pods on two nodes, in order.
	Hops []Hop  `json:"hops"`
	Note string `json:"note"`
}

// Hop is one place that a request passes.
type Hop struct {
	// Where is the box that it stands in: a pod, a node, or between them.
	Where string `json:"where"`
	What  string `json:"what"`
	// Proxy hops belong to the mesh.
	Proxy bool `json:"proxy,omitempty"`
}

// Proxies is how many of the hops belong to the mesh.
func (a Architecture) Proxies() int {
	n := 0
	for _, h := range a.Hops {
		if h.Proxy {
			n++
		}
	}
	return n
}

// The boxes of a drawing.
const (
	clientPod  = "client pod"
	clientNode = "node 1"
	between    = "between"
	serverNode = "node 2"
	serverPod  = "server pod"
)

// Architectures are the three of the thesis (section 3.5.2, figures 3.3 to
// 3.5), and those that came after it.
func Architectures() []Architecture {
	return []Architecture{
		{ID: "per-pod", Title: "One proxy per pod (sidecar)", Figure: "3.3",
			Hops: []Hop{{clientPod, "application", false}, {clientPod, "proxy", true}, {clientNode, "network stack", false},
				{serverNode, "network stack", false}, {serverPod, "proxy", true}, {serverPod, "application", false}},
			Note: "Two proxies, each in the network namespace of a pod; what leaves the pod can be encrypted."},
		{ID: "per-node", Title: "One proxy per node", Figure: "3.4",
			Hops: []Hop{{clientPod, "application", false}, {clientNode, "proxy", true}, {serverNode, "network stack", false},
				{serverPod, "application", false}},
			Note: "One proxy, in the network namespace of a node; what leaves the pod is not encrypted. The proxy of " +
				"any node may be the one."},
		{ID: "in-kernel", Title: "In the kernel (eBPF)", Figure: "3.5",
			Hops: []Hop{{clientPod, "application", false}, {clientNode, "eBPF", true}, {serverNode, "eBPF", true},
				{serverPod, "application", false}},
			Note: "No process on the way: programs in the kernel route connections. They do not read HTTP."},
		{ID: "kernel-and-node", Title: "In the kernel, with one proxy per node for HTTP",
			Hops: []Hop{{clientPod, "application", false}, {clientNode, "eBPF", true}, {clientNode, "Envoy", true},
				{serverNode, "eBPF", true}, {serverPod, "application", false}},
			Note: "Cilium: requests that a rule for HTTP applies to pass an Envoy of the node."},
		{ID: "node-and-waypoint", Title: "One proxy per node for connections, waypoints for HTTP",
			Hops: []Hop{{clientPod, "application", false}, {clientNode, "ztunnel", true}, {between, "waypoint", true},
				{serverNode, "ztunnel", true}, {serverPod, "application", false}},
			Note: "Istio ambient: both ztunnels encrypt although they stand on nodes, since they open their sockets in the " +
				"pods' network namespaces. The waypoint is there only where it is asked for."},
	}
}
