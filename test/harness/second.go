package harness

import (
	"fmt"
	"os"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// Second is another cluster beside the first, and a kubeconfig file of both, in which
// the first one is the current context. It is nil where nobody made one.
func (h *Harness) Second(file string) (second *Harness, context string, err error) {
	kubeconfig := os.Getenv("MESHBENCH_E2E_SECOND_KUBECONFIG")
	if kubeconfig == "" {
		return nil, "", nil
	}
	both, err := clientcmd.LoadFromFile(h.Kubeconfig)
	if err != nil {
		return nil, "", fmt.Errorf("read kubeconfig: %w", err)
	}
	other, err := clientcmd.LoadFromFile(kubeconfig)
	if err != nil {
		return nil, "", fmt.Errorf("read the second kubeconfig: %w", err)
	}
	// Both call their users alike.
	context = "second"
	from := other.Contexts[other.CurrentContext]
	both.Clusters[context], both.AuthInfos[context] = other.Clusters[from.Cluster], other.AuthInfos[from.AuthInfo]
	to := from.DeepCopy()
	to.Cluster, to.AuthInfo = context, context
	both.Contexts[context] = to
	if err := clientcmd.WriteToFile(*both, file); err != nil {
		return nil, "", err
	}
	second = &Harness{Kubeconfig: kubeconfig, Plugin: h.Plugin, Kubectl: h.Kubectl, WorkerImage: h.WorkerImage}
	if second.Config, err = clientcmd.BuildConfigFromFlags("", kubeconfig); err != nil {
		return nil, "", fmt.Errorf("read the second kubeconfig: %w", err)
	}
	second.Config.QPS, second.Config.Burst = h.Config.QPS, h.Config.Burst
	if second.Clientset, err = kubernetes.NewForConfig(second.Config); err != nil {
		return nil, "", fmt.Errorf("connect to the second cluster: %w", err)
	}
	return second, context, nil
}
