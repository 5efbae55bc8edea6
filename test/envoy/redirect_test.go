package main

import (
	"slices"
	"strings"
	"testing"
)

// Loopback and the proxy's own connections pass, excluded ports of the pod too, and
// all else goes to the proxy.
func TestWhatIsRedirected(t *testing.T) {
	consul, err := consulRedirection(`{"ProxyUserID":"5995","ProxyInboundPort":20000,"ProxyOutboundPort":15001,` +
		`"ExcludeInboundPorts":["20400"],"ExcludeUIDs":["5996"]}`)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		rules redirection
		want  []string
	}{
		{kumaRedirection([]string{"install", "transparent-proxy", "--exclude-inbound-ports=9000", "--verbose"}), []string{
			"-A KUMA_MESH_INBOUND -p tcp --dport 9000 -j RETURN", "-A KUMA_MESH_INBOUND -p tcp -j REDIRECT --to-ports 15006",
			"-A KUMA_MESH_OUTPUT -m owner --uid-owner 5678 -j RETURN", "-A KUMA_MESH_OUTPUT -d 127.0.0.1/32 -j RETURN",
			"-A KUMA_MESH_OUTPUT -p tcp -j REDIRECT --to-ports 15001"}},
		{consul, []string{
			"-A CONSUL_PROXY_INBOUND -p tcp --dport 20400 -j RETURN",
			"-A CONSUL_PROXY_INBOUND -p tcp -j REDIRECT --to-ports 20000",
			"-A CONSUL_PROXY_OUTPUT -m owner --uid-owner 5995 -j RETURN",
			"-A CONSUL_PROXY_OUTPUT -m owner --uid-owner 5996 -j RETURN", "-A CONSUL_PROXY_OUTPUT -d 127.0.0.1/32 -j RETURN",
			"-A CONSUL_PROXY_OUTPUT -p tcp -j REDIRECT --to-ports 15001"}},
	} {
		var got []string
		for line := range strings.Lines(c.rules.rules()) {
			if strings.HasPrefix(line, "-A "+c.rules.prefix) {
				got = append(got, strings.TrimSpace(line))
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("rules:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
	if _, err := consulRedirection("none"); err == nil {
		t.Error("no configuration is taken for one")
	}
}
