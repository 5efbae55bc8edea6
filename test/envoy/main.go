// Command envoy stands in the images of "Envoy as Kuma configures it" and "Envoy
// as Consul configures it" for the programs that those run beside Envoy. It does
// what it is called as: redirects a pod's connections in an init container, or
// runs Envoy in the sidecar and answers probes for it. README.md says what is
// real here.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

// errCalled is for a name that no image has.
var errCalled = errors.New("call this as kumactl, kuma-dp, consul-k8s-control-plane or consul-dataplane")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, filepath.Base(os.Args[0]), os.Args[1:])
	stop()
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "envoy:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, name string, args []string) error {
	switch name {
	case "kumactl":
		return redirect(ctx, kumaRedirection(args))
	case "kuma-dp":
		return kumaSidecar(ctx, args)
	case "consul-k8s-control-plane":
		rules, err := consulRedirection(os.Getenv("CONSUL_REDIRECT_TRAFFIC_CONFIG"))
		if err != nil {
			return err
		}
		return redirect(ctx, rules)
	case "consul-dataplane":
		return consulSidecar(ctx, args)
	default:
		return fmt.Errorf("%w, not %s", errCalled, name)
	}
}
