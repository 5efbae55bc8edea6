// Package loopback is a laboratory without root and without a cluster: an API
// server on loopback that starts the real worker, as a process, for every pod.
// A scenario scripts what clusters of companies do to a plugin: refusals, taints,
// outages, cut logs, thousands of nodes. It holds no scheduler, no kubelet and no
// network: what it cannot show is for the throwaway cluster.
package loopback
