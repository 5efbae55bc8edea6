package target

import "testing"

// Who the client is, by the proxy that the request came through last.
func TestTheClientIsWhoTheNearestProxyNames(t *testing.T) {
	for value, want := range map[string]string{
		`By=spiffe://a/b;URI=spiffe://td/ns/x/sa/old,By=c;URI=spiffe://td/ns/shop/sa/load`: "spiffe://td/ns/shop/sa/load",
		// Envoy as Kuma configures it: all URIs of the certificate, its tags after who it is for.
		`By=spiffe://default/target;Hash=1;URI=spiffe://default/load;URI=kuma://kuma.io/service/load;` +
			`URI=kuma://meshbench.dev/trial/1`: "spiffe://default/load",
		`URI=kuma://kuma.io/service/load;URI=spiffe://default/load`:   "spiffe://default/load",
		`URI=spiffe://default/one;URI=spiffe://default/two`:           "spiffe://default/one",
		`URI=https://example.test/one;URI=https://example.test/other`: "https://example.test/one",
		`URI=spiffe://default/before,By=x;Hash=2`:                     "",
		`By=spiffe://default/target;Hash=1;Subject=""`:                "",
	} {
		if got := clientOfXFCC(value); got != want {
			t.Errorf("%s: %q, want %q", value, got, want)
		}
	}
}
