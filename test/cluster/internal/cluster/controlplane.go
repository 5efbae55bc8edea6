package cluster

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/cgroup"
	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/config"
	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/host"
	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/layout"
	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/network"
	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/process"
)

// start runs a component in the control plane's network.
func (c Cluster) start(name string, argv ...string) error {
	enter := []string{"nsenter", "--net=" + network.Path(network.Namespace(c.Layout, network.ControlPlane)), "--"}
	return c.daemon(name, append(enter, argv...))
}

func (c Cluster) daemon(name string, argv []string) error {
	groups, err := cgroup.Paths(c.DaemonCgroup())
	if err != nil {
		return err
	}
	return c.table().Start(process.Daemon{Name: name, Argv: argv, Cgroups: groups, Log: c.logFile(name)})
}

// bin is the path of one of Kubernetes' programs.
func (c Cluster) bin(program string) string { return filepath.Join(c.BinDir(), program) }

// startAPI starts etcd and the API server, and waits until it is ready.
func (c Cluster) startAPI(ctx context.Context) error {
	err := c.start("etcd", c.bin("etcd"), "--data-dir", filepath.Join(c.Dir(), "etcd"), "--log-level", "warn",
		"--listen-client-urls", "http://127.0.0.1:2379", "--advertise-client-urls", "http://127.0.0.1:2379",
		// The data live no longer than the cluster.
		"--listen-peer-urls", "http://127.0.0.1:2380", "--unsafe-no-fsync")
	if err != nil {
		return err
	}
	audit, err := c.auditFlags()
	if err != nil {
		return err
	}
	err = c.start("kube-apiserver", append([]string{c.bin("kube-apiserver"),
		"--etcd-servers=http://127.0.0.1:2379",
		"--bind-address=" + c.Any(), "--advertise-address=" + c.First().ControlPlane(),
		"--secure-port=6443", "--cert-dir=" + c.PKIDir(),
		"--tls-cert-file=" + c.pem("apiserver.crt"), "--tls-private-key-file=" + c.pem("apiserver.key"),
		"--client-ca-file=" + c.pem("ca.crt"),
		"--kubelet-client-certificate=" + c.pem("apiserver-kubelet-client.crt"),
		"--kubelet-client-key=" + c.pem("apiserver-kubelet-client.key"),
		"--kubelet-certificate-authority=" + c.pem("ca.crt"), "--kubelet-preferred-address-types=InternalIP",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + c.pem("service-account.key"),
		"--service-account-signing-key-file=" + c.pem("service-account.key"),
		"--service-cluster-ip-range=" + c.Joined(layout.Addresses.Services),
		"--authorization-mode=Node,RBAC", "--allow-privileged=true",
		"--enable-admission-plugins=NodeRestriction",
		// Webhooks are called at their pods, which the control plane can reach.
		"--enable-aggregator-routing=true"}, audit...)...)
	if err != nil {
		return err
	}
	client, err := c.api()
	if err != nil {
		return err
	}
	return c.await(ctx, "the API server is ready", time.Minute, client.Ready, "etcd", "kube-apiserver")
}

// startControllers starts what needs the API server.
func (c Cluster) startControllers(ctx context.Context, coredns string) error {
	manager := c.userConfig("controller-manager")
	err := c.start("kube-controller-manager", c.bin("kube-controller-manager"), "--kubeconfig="+manager,
		"--authentication-kubeconfig="+manager, "--authorization-kubeconfig="+manager, "--leader-elect=false",
		"--bind-address=127.0.0.1",
		"--root-ca-file="+c.pem("ca.crt"), "--service-account-private-key-file="+c.pem("service-account.key"),
		"--use-service-account-credentials=true")
	if err != nil {
		return err
	}
	scheduler := c.userConfig("scheduler")
	err = c.start("kube-scheduler", c.bin("kube-scheduler"), "--kubeconfig="+scheduler,
		"--authentication-kubeconfig="+scheduler, "--authorization-kubeconfig="+scheduler, "--leader-elect=false",
		"--bind-address=127.0.0.1")
	if err != nil {
		return err
	}
	corefile := filepath.Join(c.ConfigDir(), "Corefile")
	if err := os.WriteFile(corefile, []byte(config.Corefile(c.userConfig("admin"), c.TraefikNames)), 0o644); err != nil {
		return err
	}
	if err := c.start("coredns", coredns, "-conf", corefile); err != nil {
		return err
	}
	_, err = host.RunWith(ctx, strings.NewReader(config.DNSObjects(c.Layout)), c.bin("kubectl"), "--kubeconfig",
		c.Kubeconfig(),
		"apply", "--server-side", "-f", "-")
	return err
}

// resolves asks the cluster's DNS, from a node and by its Service.
func (c Cluster) resolves(ctx context.Context) error {
	node := network.Path(network.Namespace(c.Layout, layout.NodeName(1)))
	resolver := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, protocol, _ string) (net.Conn, error) {
		return network.DialFrom(ctx, node, protocol, net.JoinHostPort(c.First().DNS(), "53"))
	}}
	ctx, stop := context.WithTimeout(ctx, 2*time.Second)
	defer stop()
	addresses, err := resolver.LookupHost(ctx, "kubernetes.default.svc."+layout.ClusterDomain+".")
	if err == nil && !slices.Contains(addresses, c.First().APIService()) {
		err = fmt.Errorf("wrong answer: %v", addresses)
	}
	return err
}
