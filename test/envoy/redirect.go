package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
)

// redirection is what of a pod's connections goes to its proxy.
type redirection struct {
	prefix            string
	inbound, outbound int
	uid               string
	// excluded are ports of the pod that are not led to the proxy, passing are
	// users whose own connections are not.
	excluded, passing []string
}

// kumaRedirection is Kuma's, as `kumactl install transparent-proxy` makes it with
// those arguments (2.14.3: pkg/transparentproxy).
func kumaRedirection(args []string) redirection {
	r := redirection{prefix: "KUMA_MESH", inbound: 15006, outbound: 15001, uid: "5678"}
	for _, arg := range args {
		if ports, ok := strings.CutPrefix(arg, "--exclude-inbound-ports="); ok {
			r.excluded = strings.Split(ports, ",")
		}
	}
	return r
}

// consulRedirection is Consul's, from the configuration that its injector writes
// (consul/sdk/iptables).
func consulRedirection(config string) (redirection, error) {
	var c struct {
		ProxyUserID                         string
		ProxyInboundPort, ProxyOutboundPort int
		ExcludeInboundPorts, ExcludeUIDs    []string
	}
	if err := json.Unmarshal([]byte(config), &c); err != nil {
		return redirection{}, fmt.Errorf("CONSUL_REDIRECT_TRAFFIC_CONFIG: %w", err)
	}
	return redirection{prefix: "CONSUL_PROXY", inbound: c.ProxyInboundPort, outbound: c.ProxyOutboundPort,
		uid: c.ProxyUserID, excluded: c.ExcludeInboundPorts, passing: c.ExcludeUIDs}, nil
}

// rules are those of the table nat: connections from elsewhere go to the inbound
// port, those of the pod's own to the outbound port, but for those of the proxy
// and over loopback.
func (r redirection) rules() string {
	var b strings.Builder
	in, out := r.prefix+"_INBOUND", r.prefix+"_OUTPUT"
	line := func(format string, values ...any) { _, _ = fmt.Fprintf(&b, format+"\n", values...) }
	line("*nat")
	for _, chain := range []string{in, out} {
		line(":%s - [0:0]", chain)
	}
	line("-A PREROUTING -p tcp -j %s", in)
	for _, port := range r.excluded {
		line("-A %s -p tcp --dport %s -j RETURN", in, port)
	}
	line("-A %s -p tcp -j REDIRECT --to-ports %s", in, strconv.Itoa(r.inbound))
	line("-A OUTPUT -p tcp -j %s", out)
	for _, uid := range slices.Concat([]string{r.uid}, r.passing) {
		line("-A %s -m owner --uid-owner %s -j RETURN", out, uid)
	}
	line("-A %s -d 127.0.0.1/32 -j RETURN", out)
	line("-A %s -p tcp -j REDIRECT --to-ports %s", out, strconv.Itoa(r.outbound))
	line("COMMIT")
	return b.String()
}

func redirect(ctx context.Context, r redirection) error {
	c := exec.CommandContext(ctx, "/usr/sbin/iptables-restore", "--noflush")
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(r.rules()), os.Stdout, os.Stderr
	if err := c.Run(); err != nil {
		return fmt.Errorf("iptables-restore: %w", err)
	}
	return nil
}
