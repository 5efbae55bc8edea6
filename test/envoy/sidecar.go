package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

const (
	envoyPath = "/usr/local/bin/envoy"
	// configPath is where a ConfigMap has the bootstrap, which kuma-dp asks its control
	// plane for and consul-dataplane makes itself, but for what only the pod knows.
	configPath = "/etc/envoy/envoy.yaml"
	// kumaAdmin is the socket of Envoy's admin interface, which Kuma has instead of a port since 2.14.
	kumaAdmin     = "/tmp/kuma-envoy-admin.sock"
	kumaReadiness = ":9902"
	kumaProbes    = ":9000"
)

// kumaSidecar runs Envoy with the arguments that kuma-dp 2.14.3 gives it, tells
// kubelets whether it is ready, and hands on their probes of the application.
func kumaSidecar(ctx context.Context, args []string) error {
	drain, err := time.ParseDuration(os.Getenv("KUMA_DATAPLANE_DRAIN_TIME"))
	if err != nil {
		return fmt.Errorf("KUMA_DATAPLANE_DRAIN_TIME: %w", err)
	}
	envoy := []string{"--drain-time-s", fmt.Sprint(int(drain.Seconds())), "--drain-strategy", "immediate",
		"--disable-hot-restart", "--log-level", "error"}
	threads := []string{"--cpuset-threads"}
	for _, arg := range args {
		if n, ok := strings.CutPrefix(arg, "--concurrency="); ok {
			threads = []string{"--concurrency", n}
		}
	}
	admin := &http.Client{Timeout: time.Second, Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", kumaAdmin)
		}}}
	go serve(kumaReadiness, ready(admin, "http://envoy/ready"))
	go serve(kumaProbes, http.HandlerFunc(probeApplication))
	return runEnvoy(ctx, append(envoy, threads...), drain)
}

// consulSidecar runs Envoy as consul-dataplane does. Consul's probes ask Envoy itself.
func consulSidecar(ctx context.Context, args []string) error {
	envoy := []string{"--disable-hot-restart", "--log-level", "error"}
	for _, arg := range args {
		if n, ok := strings.CutPrefix(arg, "-envoy-concurrency="); ok {
			envoy = append(envoy, "--concurrency", n)
		}
	}
	return runEnvoy(ctx, envoy, 0)
}

// runEnvoy runs Envoy as a child until ctx is done and its drain is over.
func runEnvoy(ctx context.Context, args []string, drain time.Duration) error {
	config, err := os.ReadFile(configPath)
	if err != nil {
		return err
	}
	text := string(config)
	for _, name := range []string{"POD_NAME", "POD_NAMESPACE", "INSTANCE_IP"} {
		text = strings.ReplaceAll(text, "${"+name+"}", os.Getenv(name))
	}
	// #nosec G204 -- the program is fixed, and the arguments are of our own patches.
	c := exec.CommandContext(ctx, envoyPath, append(args, "--config-yaml", text)...)
	c.Stdout, c.Stderr = os.Stderr, os.Stderr
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
	c.WaitDelay = drain + time.Second
	err = c.Run()
	if ctx.Err() != nil {
		return nil
	}
	if err == nil {
		return errors.New("envoy has ended, and was not told to")
	}
	return fmt.Errorf("envoy has ended: %w", err)
}

func serve(address string, h http.Handler) {
	server := &http.Server{Addr: address, Handler: h, ReadHeaderTimeout: 10 * time.Second}
	_, _ = fmt.Fprintln(os.Stderr, "envoy:", server.ListenAndServe())
}

// ready answers as Envoy's admin interface does.
func ready(admin *http.Client, address string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		request, err := http.NewRequestWithContext(r.Context(), http.MethodGet, address, nil)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		response, err := admin.Do(request)
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		_ = response.Body.Close()
		w.WriteHeader(response.StatusCode)
	})
}

// probeApplication asks /PATH on a port of the application for /PORT/PATH.
func probeApplication(w http.ResponseWriter, r *http.Request) {
	port, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	r.URL.Path = "/" + path
	to := &url.URL{Scheme: "http", Host: net.JoinHostPort("127.0.0.1", port)}
	httputil.NewSingleHostReverseProxy(to).ServeHTTP(w, r)
}
