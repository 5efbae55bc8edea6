package mesh

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/meshbench/kubectl-meshbench/manifests"
	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

func builtin(t testing.TB) Catalogue {
	t.Helper()
	c, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// extra is a mesh that this program was not written for.
const extra = `
apiVersion: meshbench.dev/v1alpha1
kind: Mesh
metadata: {name: brand-new}
spec:
  title: Brand New Mesh
  support: measure
  architecture: sidecar
  lifecycle: {state: maintained}
  enrol:
    namespace:
    - {labels: {brand.new/mesh: "on"}}
  pod:
    proxies: [brand-proxy]
    marks:
    - {annotations: {brand.new/injected: "*"}}
  costs:
  - {sides: [client, server], part: proxy, container: brand-proxy}
  address:
    host: "{service}.{namespace}.brand"
    ports: {grpc: {name: grpc-health, appProtocol: grpc}}
  proof:
    mtls: configured
    headers:
    - {in: request, name: x-brand-peer, shows: both, mtls: true}
  fairness:
    threads: {env: BRAND_THREADS, default: "1"}
  sources:
  - {fields: [lifecycle, enrol, pod, costs, address, proof, fairness], status: verified, from: ["brand/new:README.md"]}
`

func load(documents ...string) (Catalogue, error) {
	files := fstest.MapFS{}
	for _, d := range documents {
		_, rest, _ := strings.Cut(d, "name: ")
		files[rest[:strings.IndexAny(rest, "}\n,")]+".yaml"] = &fstest.MapFile{Data: []byte(d)}
	}
	shipped, err := fs.Sub(manifests.Files, "meshes")
	if err != nil {
		return Catalogue{}, err
	}
	return Load(shipped, files)
}

// Adding a mesh is adding a document: it is recognised, verified, addressed
// and described without a line of code.
func TestAMeshIsADocument(t *testing.T) {
	c, err := load(extra)
	if err != nil {
		t.Fatal(err)
	}
	pod := v1alpha1.PodMesh{
		Annotations: map[string]string{"brand.new/injected": "yes"},
		Containers: []v1alpha1.MeshContainer{{Name: "brand-proxy", Init: true, Native: true,
			Settings: map[string]string{"BRAND_THREADS": "3"}}},
	}
	arm := v1alpha1.Arm{Name: "a", Role: v1alpha1.RoleMeshed, Target: &v1alpha1.Pod{Mesh: &pod}}
	d, _, err := c.Examine(arm,
		[]v1alpha1.Trial{{Arm: "a", Pods: []v1alpha1.Pod{{Mesh: &pod}},
			Probes: []v1alpha1.Probe{{RequestHeaders: []string{"x-brand-peer"}}}}},
		nil, Observation{Role: arm.Role, Namespace: Meta{Labels: map[string]string{"brand.new/mesh": "on"}}})
	if err != nil {
		t.Fatal(err)
	}
	if d.Mesh != "brand-new" || d.Confidence != v1alpha1.ConfidenceCertain || d.Path != v1alpha1.PathBothSides ||
		d.MTLS != v1alpha1.AnswerYes {
		t.Errorf("concluded %+v", d)
	}
	if len(d.Proxies) != 2 || d.Proxies[0].Threads.Value != "3" {
		t.Errorf("proxies %+v", d.Proxies)
	}
	m, err := c.Get("brand-new")
	if err != nil || m.Address.HostOf("echo", "shop") != "echo.shop.brand" {
		t.Errorf("addressed as %q, %v", m.Address.HostOf("echo", "shop"), err)
	}
	if !slices.Contains(c.IDs(), "brand-new") {
		t.Errorf("ids are %v", c.IDs())
	}
}

func TestBadDocumentsAreNamedWithTheirField(t *testing.T) {
	for _, test := range []struct{ old, new, says string }{
		{"title:", "titel:", `unknown field "spec.titel"`},
		{"proxies: [brand-proxy]", "proxies: brand-proxy", "spec.pod.proxies"},
		{"sidecar\n", "cloud\n", `spec.architecture is "cloud"`},
		{"support: measure", "support: maybe", "spec.support"},
		{"state: maintained", "state: alive", "spec.lifecycle.state"},
		{"enrol, pod,", "pod,", "spec.enrol.namespace has no source"},
		{"fields: [lifecycle,", "fields: [lifecycle, detect.webhooks,", "there is no field spec.detect.webhooks"},
		{"status: verified,", "status: certain,", "spec.sources[0].status"},
		{"proxies: [brand-proxy]", "proxies: []", "spec.pod.proxies is empty"},
		{"part: proxy", "part: engine", "spec.costs[0].part"},
		{"container: brand-proxy", "labels: {a: b}", "spec.costs[0]"},
		{"in: request", "in: trailer", "spec.proof.headers[0]"},
		{"shows: both", "value: x, shows: both", "spec.proof.headers[0].value"},
		{"ports: {grpc", "ports: {udp", "spec.address.ports.udp"},
		{"kind: Mesh", "kind: Pod", `kind is "Pod"`},
		{"v1alpha1", "v2", "apiVersion"},
		{"title: Brand New Mesh", "title: A\n  title: B", "title"},
	} {
		document := strings.Replace(extra, test.old, test.new, 1)
		if document == extra {
			t.Fatalf("%q is not in the document", test.old)
		}
		_, err := load(document)
		if err == nil || !strings.Contains(err.Error(), "brand-new.yaml") || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%q: error %v, want the document's name and %q", test.new, err, test.says)
		}
	}
	if _, err := Load(fstest.MapFS{"other.yaml": {Data: []byte(extra)}}); err == nil ||
		!strings.Contains(err.Error(), "want the name of the file") {
		t.Errorf("error %v", err)
	}
	if _, err := Load(fstest.MapFS{"brand-new.yaml": {Data: []byte(extra)}},
		fstest.MapFS{"brand-new.yaml": {Data: []byte(extra)}}); err == nil {
		t.Error("one id for two meshes")
	}
}

// What nobody verified is not used: the header that would prove mTLS is gone,
// and so is the claim.
func TestUnverifiedFactsAreNotUsed(t *testing.T) {
	c, err := load(strings.Replace(extra, "proof, fairness], status", "proof.mtls, fairness], status", 1) +
		"  - {fields: [proof.headers], status: unverified}\n")
	if err != nil {
		t.Fatal(err)
	}
	m, err := c.Get("brand-new")
	if err != nil || len(m.Proof.Headers) > 0 || !slices.Equal(m.Unverified, []string{"proof.headers"}) {
		t.Errorf("headers %v are used, %v are known as unverified, %v", m.Proof.Headers, m.Unverified, err)
	}
	ended, err := builtin(t).Get("aws-app-mesh")
	if err != nil || len(ended.Proof.Headers) > 0 {
		t.Errorf("App Mesh's headers %v are unverified, but used; %v", ended.Proof.Headers, err)
	}
}

func TestNamedMeshesAreForTheSurveyOnly(t *testing.T) {
	c := builtin(t)
	if slices.Contains(c.IDs(), "aspen-mesh") ||
		!slices.ContainsFunc(c.All(), func(m Mesh) bool { return m.ID == "aspen-mesh" }) {
		t.Error("Aspen Mesh must be named, and not occur in clusters")
	}
	var unknown *UnknownError
	if _, err := c.Get("aspen-mesh"); !errors.As(err, &unknown) {
		t.Errorf("error %v", err)
	}
}

// Ports and users of ours collide with no mesh.
func TestOurPodsAvoidWhatMeshesUse(t *testing.T) {
	for _, m := range builtin(t).All() {
		for _, uid := range m.Avoid.UIDs {
			if uid == 65532 {
				t.Errorf("%s's proxy runs as our user", m.ID)
			}
		}
		for _, ports := range m.Avoid.Ports {
			for _, ours := range []int32{8078, 8079, 8080, 9091} {
				if ports.Holds(ours) {
					t.Errorf("%s uses port %d", m.ID, ours)
				}
			}
		}
	}
}

func TestMarksDecideTheIntent(t *testing.T) {
	c := builtin(t)
	label := func(kv ...string) Meta { return Meta{Labels: map[string]string{kv[0]: kv[1]}} }
	note := func(kv ...string) Meta { return Meta{Annotations: map[string]string{kv[0]: kv[1]}} }
	for _, test := range []struct {
		mesh           string
		namespace, pod Meta
		want           Intent
	}{
		{"istio-sidecar", label("istio-injection", "enabled"), Meta{}, IntentEnrolled},
		{"istio-sidecar", label("istio-injection", "enabled"), label("sidecar.istio.io/inject", "false"), IntentOptedOut},
		// A namespace that is off keeps out even a pod that asks.
		{"istio-sidecar", label("istio-injection", "disabled"), label("sidecar.istio.io/inject", "true"), IntentOptedOut},
		{"istio-sidecar", Meta{}, label("sidecar.istio.io/inject", "true"), IntentEnrolled},
		{"istio-sidecar", label("istio.io/rev", ""), Meta{}, IntentNone},
		{"linkerd", note("linkerd.io/inject", "disabled"), note("linkerd.io/inject", "enabled"), IntentEnrolled},
		{"linkerd", note("linkerd.io/inject", "ingress"), Meta{}, IntentEnrolled},
		{"linkerd", label("linkerd.io/inject", "enabled"), Meta{}, IntentNone},
		{"kuma", Meta{}, label("kuma.io/sidecar-injection", "enabled"), IntentNone},
		{"kuma", label("kuma.io/sidecar-injection", "disabled"), label("kuma.io/sidecar-injection", "true"), IntentEnrolled},
		{"consul", Meta{}, note("consul.hashicorp.com/connect-inject", "true"), IntentEnrolled},
		{"istio-ambient", label("istio.io/dataplane-mode", "kmesh"), Meta{}, IntentNone},
		{"kmesh", label("istio.io/dataplane-mode", "kmesh"), Meta{}, IntentEnrolled},
	} {
		m, err := c.Get(test.mesh)
		if err != nil {
			t.Fatal(err)
		}
		if got, because := m.Enrol.Of(test.namespace, test.pod); got != test.want {
			t.Errorf("%s: namespace %v, pod %v: %s (%v), want %s", test.mesh, test.namespace, test.pod, got, because, test.want)
		}
	}
}

func TestMarksMadeConcreteMatchThemselves(t *testing.T) {
	for _, m := range builtin(t).All() {
		for _, way := range m.Enrol.Namespace {
			made := way.Concrete(func(string) string { return "something" })
			if _, ok := way.On(Meta(made)); !ok {
				t.Errorf("%s: %v does not enrol by %v", m.ID, made, way)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(extra))
	f.Add([]byte("kind: Mesh\nspec: {sources: [{fields: [a.b]}], detect: 3}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Parse(data)
		if err == nil && (m.ID == "" || m.Title == "" || m.Support == "") {
			t.Errorf("accepted %+v", m)
		}
	})
}

func FuzzLeavesOut(f *testing.F) {
	f.Add("4444,8000-8090", int32(8080))
	f.Fuzz(func(_ *testing.T, value string, port int32) { Bypass{}.leavesOut(value, []int32{port}) })
}
