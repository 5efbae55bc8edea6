//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/test/harness"
)

// The ground that everything else stands on: on each node the worker's image
// runs, finds a Service by its name, says so in its log, and its CPU is seen.
func TestEveryNodeRunsTheWorker(t *testing.T) {
	s := newSuite(t)
	ctx := t.Context()
	namespace := s.namespace(harness.Namespace{})
	nodes, err := s.Clientset.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(nodes.Items) < 2 {
		t.Fatalf("%d nodes, want 2", len(nodes.Items))
	}
	for i, node := range nodes.Items {
		s.startPod(namespace, fmt.Sprintf("target-%d", i), node.Name, map[string]string{"app": "target"}, "target")
	}
	_, err = s.Clientset.CoreV1().Services(namespace).Create(ctx, &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: "echo"},
		Spec: corev1.ServiceSpec{Selector: map[string]string{"app": "target"},
			Ports: []corev1.ServicePort{{Port: 80, TargetPort: intstr.FromInt32(8080)}}},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i, node := range nodes.Items {
		name := fmt.Sprintf("load-%d", i)
		s.startPod(namespace, name, node.Name, nil, "load", "--spec", loadSpec(t, "echo."+namespace+".svc:80", time.Second))
		frames := s.frames(namespace, name)
		result := frames[len(frames)-2].Result
		if result == nil || result.Load.Requests == 0 || result.Load.Failed() > 0 {
			t.Errorf("node %s: the last frames are not those of a good result: %+v", node.Name, frames[len(frames)-2:])
		}
		// The targets go on running, so the kubelet goes on seeing them.
		target := fmt.Sprintf("target-%d", i)
		err := s.Await(ctx, "cAdvisor on "+node.Name+" shows the CPU of "+target, func(ctx context.Context) (bool, error) {
			data, err := s.Clientset.CoreV1().RESTClient().Get().AbsPath("/api/v1/nodes/" + node.Name +
				"/proxy/metrics/cadvisor").DoRaw(ctx)
			if err != nil {
				return false, err
			}
			return hasCPURow(string(data), namespace, target), nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// Nothing that runs in the cluster can reach anything outside of it: not even
// this machine, on any of its addresses, and so nothing behind it.
func TestAPodHasNoWayOut(t *testing.T) {
	s := newSuite(t)
	if s.Fault == nil {
		t.Skip("this cluster's network is not ours to judge")
	}
	namespace := s.namespace(harness.Namespace{})
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, address := range addresses {
		network, ok := address.(*net.IPNet)
		if !ok || network.IP.To4() == nil || network.IP.IsLoopback() {
			continue
		}
		tried++
		listener, err := net.Listen("tcp", net.JoinHostPort(network.IP.String(), "0"))
		if err != nil {
			t.Fatal(err)
		}
		var seen atomic.Int64
		go func() {
			for {
				connection, err := listener.Accept()
				if err != nil {
					return
				}
				seen.Add(1)
				_ = connection.Close()
			}
		}()
		// The listener works: this process reaches it.
		connection, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_ = connection.Close()
		name := fmt.Sprintf("out-%d", tried)
		s.startPod(namespace, name, "", nil, "load", "--spec", loadSpec(t, listener.Addr().String(), time.Second))
		err = s.Await(t.Context(), "pod "+name+" has given up", func(ctx context.Context) (bool, error) {
			p, err := s.Clientset.CoreV1().Pods(namespace).Get(ctx, name, metav1.GetOptions{})
			return err == nil && p.Status.Phase == corev1.PodFailed, err
		})
		if err != nil {
			t.Error(err)
		}
		if n := seen.Load(); n != 1 {
			t.Errorf("%s saw %d connections, want only our own: a pod has a way out", listener.Addr(), n)
		}
		_ = listener.Close()
	}
	if tried == 0 {
		t.Error("this machine has no address to try")
	}
}

// hasCPURow looks for a container's CPU among cAdvisor's metrics.
func hasCPURow(metrics, namespace, pod string) bool {
	for line := range strings.Lines(metrics) {
		if strings.HasPrefix(line, "container_cpu_usage_seconds_total{") && strings.Contains(line, `container="meshbench"`) &&
			strings.Contains(line, `namespace="`+namespace+`"`) && strings.Contains(line, `pod="`+pod+`"`) {
			return true
		}
	}
	return false
}

func loadSpec(t *testing.T, target string, window time.Duration) string {
	t.Helper()
	of := func(d time.Duration) v1alpha1.Duration { return v1alpha1.Duration{Duration: d} }
	data, err := json.Marshal(wire.LoadSpec{
		Version: wire.Version, Trial: "t", Clients: 1, Target: target, Protocol: v1alpha1.ProtocolHTTP1,
		Connections: 2, Window: of(window), RequestTimeout: of(5 * time.Second), ReadyTimeout: of(4 * time.Second),
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// startPod starts the worker under Pod Security 'restricted'.
func (s suite) startPod(namespace, name, node string, labels map[string]string, args ...string) {
	s.t.Helper()
	yes, no, user, grace := true, false, int64(65532), int64(1)
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels},
		Spec: corev1.PodSpec{
			NodeName: node, RestartPolicy: corev1.RestartPolicyNever, TerminationGracePeriodSeconds: &grace,
			SecurityContext: &corev1.PodSecurityContext{RunAsNonRoot: &yes, RunAsUser: &user,
				SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault}},
			Containers: []corev1.Container{{
				Name: "meshbench", Image: s.WorkerImage, ImagePullPolicy: corev1.PullIfNotPresent, Args: args,
				SecurityContext: &corev1.SecurityContext{AllowPrivilegeEscalation: &no,
					Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}}},
			}},
		},
	}
	err := s.Await(s.t.Context(), "pod "+name+" is created", func(ctx context.Context) (bool, error) {
		_, err := s.Clientset.CoreV1().Pods(namespace).Create(ctx, pod, metav1.CreateOptions{})
		if err != nil && strings.Contains(err.Error(), "serviceaccount") {
			return false, nil // a new namespace gets its account in a moment
		}
		return err == nil, err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	err = s.Await(s.t.Context(), "pod "+name+" runs", func(ctx context.Context) (bool, error) {
		p, err := s.Clientset.CoreV1().Pods(namespace).Get(ctx, name, metav1.GetOptions{})
		return err == nil && p.Status.Phase != corev1.PodPending, err
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// frames reads the log of a worker that reached its end.
func (s suite) frames(namespace, name string) []wire.Frame {
	s.t.Helper()
	all := s.framesOfAny(namespace, name)
	if len(all) < 2 || all[len(all)-1].Type != wire.TypeEnd {
		s.t.Fatalf("the worker's log has no end: %+v", all)
	}
	return all
}

// framesOfAny reads the log of a worker that may have failed.
func (s suite) framesOfAny(namespace, name string) []wire.Frame {
	s.t.Helper()
	stream, err := s.Clientset.CoreV1().Pods(namespace).GetLogs(name,
		&corev1.PodLogOptions{Follow: true}).Stream(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = stream.Close() }()
	var all []wire.Frame
	for reader := wire.NewReader(stream, wire.Key{}); ; {
		f, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			s.t.Fatal(err)
		}
		all = append(all, f)
	}
	return all
}
