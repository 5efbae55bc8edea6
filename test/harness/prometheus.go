package harness

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

// Prometheus is a real one beside the cluster, which scrapes every kubelet's
// cAdvisor through the API server.
type Prometheus struct {
	URL     string
	process *exec.Cmd
}

// StartPrometheus starts Debian's Prometheus with its data in dir, listening on
// that host (127.0.0.1, or one that a cluster can reach). With names of clusters it
// holds that many: each has this one's series, with its name as their label
// cluster. It returns when every kubelet was scraped.
func (h *Harness) StartPrometheus(ctx context.Context, dir, host string, clusters ...string) (*Prometheus, error) {
	config := rest.CopyConfig(h.Config)
	if err := rest.LoadTLSFiles(config); err != nil {
		return nil, fmt.Errorf("read the cluster's certificates: %w", err)
	}
	file := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			return "" // said by Prometheus
		}
		return path
	}
	nodes, err := h.Clientset.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var text strings.Builder
	text.WriteString("global: {scrape_interval: 2s}\nscrape_configs:\n")
	tls := fmt.Sprintf("{ca_file: %s, cert_file: %s, key_file: %s}", file("ca.crt", config.CAData),
		file("client.crt", config.CertData), file("client.key", config.KeyData))
	jobs := 0
	for _, cluster := range append([]string{""}, clusters...)[min(1, len(clusters)):] {
		for _, node := range nodes.Items {
			fmt.Fprintf(&text, `- job_name: %[1]s%[2]s
  scheme: https
  metrics_path: /api/v1/nodes/%[1]s/proxy/metrics/cadvisor
  tls_config: %[3]s
  static_configs: [{targets: [%[4]q], labels: {node: %[1]s, cluster: %[2]q}}]
`, node.Name, cluster, tls, strings.TrimPrefix(config.Host, "https://"))
			jobs++
		}
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(host, "0")) // a free port
	if err != nil {
		return nil, err
	}
	address := listener.Addr().String()
	_ = listener.Close()
	p := &Prometheus{URL: "http://" + address}
	p.process = exec.Command("prometheus", "--config.file="+file("prometheus.yml", []byte(text.String())),
		"--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+address)
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	p.process.Stdout, p.process.Stderr = log, log
	if err := p.process.Start(); err != nil {
		return nil, fmt.Errorf("start Prometheus (package prometheus): %w", err)
	}
	if err := h.Await(ctx, "Prometheus has scraped every kubelet", func(ctx context.Context) (bool, error) {
		return p.scraped(ctx, jobs), nil
	}); err != nil {
		said, _ := os.ReadFile(log.Name())
		return nil, errors.Join(err, p.Stop(), fmt.Errorf("it said: %s", said))
	}
	return p, nil
}

// scraped reports whether so many kubelets have been.
func (p *Prometheus) scraped(ctx context.Context, kubelets int) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet,
		fmt.Sprintf("%s/api/v1/query?query=sum(up)%%3E%%3D%d", p.URL, kubelets), nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	defer func() { _ = response.Body.Close() }()
	var body [4096]byte
	n, _ := response.Body.Read(body[:])
	return strings.Contains(string(body[:n]), `"value"`)
}

// Stop ends it.
func (p *Prometheus) Stop() error {
	if err := p.process.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	kill := time.AfterFunc(10*time.Second, func() { _ = p.process.Process.Kill() })
	defer kill.Stop()
	_ = p.process.Wait() // it was told to end
	return nil
}
