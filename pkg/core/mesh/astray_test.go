package mesh

import (
	"fmt"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Twenty trials through the mesh hide one around it in their sum.
func TestATrialThatWentAnotherWayIsFound(t *testing.T) {
	client := v1alpha1.SideClient
	carries := []v1alpha1.Pod{{Mesh: &v1alpha1.PodMesh{Containers: []v1alpha1.MeshContainer{{Name: "istio-proxy"}}}}}
	bare := []v1alpha1.Pod{{Mesh: &v1alpha1.PodMesh{}}}
	identity := []v1alpha1.Probe{{RequestHeaders: []string{"x-forwarded-client-cert"}, Seen: "HTTP/1.1"}}
	usual := v1alpha1.Trial{Status: v1alpha1.TrialCompleted, Pods: carries, Probes: identity,
		ProxyCounts: []v1alpha1.ProxyCount{count(client, 31240), secured(31240, 31238)}}
	few := func(c v1alpha1.ProxyCount) v1alpha1.ProxyCount {
		c.Sent = 30
		return c
	}
	for _, c := range []struct {
		name string
		edit func(*v1alpha1.Trial)
		want string // of the reason; empty if the trial is like the others
	}{
		{"like the others", func(*v1alpha1.Trial) {}, ""},
		{"around the server's proxy", func(x *v1alpha1.Trial) {
			x.ProxyCounts = []v1alpha1.ProxyCount{count(client, 31240), secured(3, 1)}
		}, "server side: went around the proxy"},
		{"around the client's", func(x *v1alpha1.Trial) {
			x.ProxyCounts = []v1alpha1.ProxyCount{count(client, 3), secured(31240, 31240)}
		}, "client side: went around the proxy"},
		{"a half", func(x *v1alpha1.Trial) {
			x.ProxyCounts = []v1alpha1.ProxyCount{count(client, 15000), secured(31240, 31240)}
		}, "in part"},
		{"in plain text", func(x *v1alpha1.Trial) {
			x.ProxyCounts = []v1alpha1.ProxyCount{count(client, 31240), secured(31240, 0)}
		}, "used no mutual TLS"},
		{"a pod without a proxy", func(x *v1alpha1.Trial) { x.Pods = bare }, "no load pod carried the proxy"},
		{"no identity", func(x *v1alpha1.Trial) { x.Probes = []v1alpha1.Probe{{Seen: "HTTP/1.1"}} }, "no probe had it"},
		{"gRPC, to which no identity is added", func(x *v1alpha1.Trial) { x.Probes = []v1alpha1.Probe{{Seen: "gRPC"}} }, ""},
		{"unread", func(x *v1alpha1.Trial) {
			x.ProxyCounts = []v1alpha1.ProxyCount{unreadable(client, "nothing listens")}
		}, ""},
		{"too few to tell", func(x *v1alpha1.Trial) {
			x.ProxyCounts = []v1alpha1.ProxyCount{few(count(client, 0)), few(secured(0, 0))}
		}, ""},
		{"void already", func(x *v1alpha1.Trial) { x.Status, x.Pods = v1alpha1.TrialVoid, bare }, ""},
	} {
		var trials []v1alpha1.Trial
		for i := range 20 {
			x := usual
			x.ID, x.Arm = fmt.Sprint(i), "a"
			if i == 7 {
				c.edit(&x)
			}
			trials = append(trials, x)
		}
		arm := v1alpha1.Arm{Name: "a", Role: v1alpha1.RoleMeshed, Target: &carries[0]}
		d, astray, err := builtin(t).Examine(arm, trials, []int32{8080}, Observation{Told: "istio-sidecar", Role: arm.Role})
		if err != nil {
			t.Fatal(err)
		}
		if c.want == "" && len(astray) > 0 || c.want != "" && (len(astray) != 1 || !strings.Contains(astray["7"], c.want)) {
			t.Errorf("%s: astray are %v, want %q", c.name, astray, c.want)
		}
		if d.Path != v1alpha1.PathBothSides || d.MTLS != v1alpha1.AnswerYes {
			t.Errorf("%s: path %s, mTLS %s: the trial counts for the arm's\n%s", c.name, d.Path, d.MTLS,
				strings.Join(d.PathEvidence, "\n"))
		}
	}
}
