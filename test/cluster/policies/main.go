// Command policies enforces the NetworkPolicies of the pods of one node: the first
// packet of each connection that the kernel hands to a queue passes if they allow
// it. It is SIG Network's own implementation of networking.k8s.io/v1.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/kube-network-policies/pkg/networkpolicy"
)

func main() {
	kubeconfig := flag.String("kubeconfig", "", "how the API server is reached")
	node := flag.String("node", "", "the node's name")
	queue := flag.Int("queue", 100, "the number of the kernel's queue")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := enforce(ctx, *kubeconfig, *node, *queue); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func enforce(ctx context.Context, kubeconfig, node string, queue int) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return fmt.Errorf("read the kubeconfig: %w", err)
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("read the kubeconfig: %w", err)
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	controller, err := networkpolicy.NewController(client, factory.Networking().V1().NetworkPolicies(),
		factory.Core().V1().Namespaces(), factory.Core().V1().Pods(), nil, nil, nil, nil,
		// Left to its default NRI is asked for, and need not be there; disabled, v0.8.0
		// panics at the first packet from outside of all pods.
		networkpolicy.Config{NodeName: node, QueueID: queue})
	if err != nil {
		return fmt.Errorf("node %s: %w", node, err)
	}
	factory.Start(ctx.Done())
	return controller.Run(ctx)
}
