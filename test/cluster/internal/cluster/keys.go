package cluster

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/config"
	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/layout"
	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/pki"
)

const masters = "system:masters"

func nodeUser(node string) string { return "kubelet-" + node }

// writeKeys makes every certificate and kubeconfig of the cluster.
func (c Cluster) writeKeys(now time.Time) error {
	authority, err := pki.NewAuthority("meshbench-test", now)
	if err != nil {
		return err
	}
	if err := c.writePair("ca", authority.Pair); err != nil {
		return err
	}
	identities := map[string]pki.Identity{
		"apiserver": {
			CommonName: "kube-apiserver",
			DNSNames: []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
				"kubernetes.default.svc." + layout.ClusterDomain},
			Addresses: c.apiAddresses(),
		},
		"apiserver-kubelet-client": {CommonName: "kube-apiserver-kubelet-client", Organizations: []string{masters}},
		"service-account":          {CommonName: "service-accounts"},
	}
	users := map[string]pki.Identity{
		"admin":              {CommonName: "admin", Organizations: []string{masters}},
		"controller-manager": {CommonName: "system:kube-controller-manager"},
		"scheduler":          {CommonName: "system:kube-scheduler"},
		"proxy":              {CommonName: "system:kube-proxy"},
	}
	for i, node := range c.NodeNames() {
		users[nodeUser(node)] = pki.Identity{
			CommonName: "system:node:" + node, Organizations: []string{"system:nodes"},
			DNSNames: []string{node}, Addresses: c.nodeAddresses(i + 1),
		}
	}
	for name, identity := range identities {
		pair, err := authority.Issue(identity)
		if err != nil {
			return err
		}
		if err := c.writePair(name, pair); err != nil {
			return err
		}
	}
	for name, identity := range users {
		pair, err := authority.Issue(identity)
		if err != nil {
			return err
		}
		if err := c.writePair(name, pair); err != nil {
			return err
		}
		kubeconfig, err := config.Kubeconfig("meshbench-test-"+c.Name, c.InnerAPIURL(), name, authority.Cert, pair)
		if err != nil {
			return err
		}
		if err := os.WriteFile(c.userConfig(name), kubeconfig, 0o600); err != nil {
			return fmt.Errorf("write kubeconfig: %w", err)
		}
		if name != "admin" {
			continue
		}
		outer, err := config.Kubeconfig("meshbench-test-"+c.Name, c.APIURL(), name, authority.Cert, pair)
		if err != nil {
			return err
		}
		if err := os.WriteFile(c.Kubeconfig(), outer, 0o600); err != nil {
			return fmt.Errorf("write kubeconfig: %w", err)
		}
	}
	return nil
}

// apiAddresses are those under which the API server is called.
func (c Cluster) apiAddresses() []string {
	all := []string{"127.0.0.1", c.APIAddress()}
	for _, a := range c.Addresses() {
		all = append(all, a.ControlPlane(), a.APIService())
	}
	return all
}

func (c Cluster) nodeAddresses(n int) []string {
	var all []string
	for _, a := range c.Addresses() {
		all = append(all, a.Node(n))
	}
	return all
}

func (c Cluster) writePair(name string, p pki.Pair) error {
	if err := os.WriteFile(c.pem(name+".crt"), p.Cert, 0o644); err != nil {
		return fmt.Errorf("write certificate: %w", err)
	}
	if err := os.WriteFile(c.pem(name+".key"), p.Key, 0o600); err != nil {
		return fmt.Errorf("write key: %w", err)
	}
	return nil
}

func (c Cluster) pem(file string) string { return filepath.Join(c.PKIDir(), file) }

// userConfig is the kubeconfig of a component, for use inside the cluster.
func (c Cluster) userConfig(user string) string {
	return filepath.Join(c.ConfigDir(), user+".kubeconfig")
}
