package mesh

import (
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// What nobody has set is what that version does, and not what the newest does.
func TestDocumentedDefaultsAreThoseOfTheVersion(t *testing.T) {
	c := builtin(t)
	for _, x := range []struct{ mesh, image, want string }{
		{"kuma", "docker.io/kumahq/kuma-dp:2.13.10", "2"},
		{"kuma", "docker.io/kumahq/kuma-dp:2.14.3", "every core of the node"},
		{"kuma", "registry:5000/kong/kuma-dp:3.0.0-preview.v1", "every core of the node"},
		{"kuma", "kuma-dp@sha256:0", "2 before 2.14, every core of the node from then on"},
		{"istio-ambient", "istio/ztunnel:1.30.3-distroless", "2"},
		{"istio-ambient", "istio/ztunnel:1.31.0", "the CPU limit, or a quarter of the node's cores"},
		{"consul", "hashicorp/consul-dataplane:2.0.0", "2"},
	} {
		m, err := c.Get(x.mesh)
		if err != nil {
			t.Fatal(err)
		}
		got := m.Fairness.Threads.read(v1alpha1.MeshContainer{Image: x.image}, nil)
		if got == nil || got.Value != x.want || got.From != documented {
			t.Errorf("%s: threads %+v, want %q as documented", x.image, got, x.want)
		}
	}
}
