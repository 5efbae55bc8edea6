package mesh

import (
	"testing"
)

func builtin(t testing.TB) Catalogue {
	t.Helper()
	c, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTheShippedCatalogueIsSound(t *testing.T) {
	for _, id := range []string{"istio-sidecar", "istio-ambient", "linkerd"} {
		if _, err := builtin(t).Get(id); err != nil {
			t.Error(err)
		}
	}
}
