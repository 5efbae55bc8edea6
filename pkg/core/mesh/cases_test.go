package mesh

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// fixture is what a cluster shows of one arm, and what must be concluded from it.
type fixture struct {
	Told      string        `json:"told"`
	Role      v1alpha1.Role `json:"role"`
	Namespace Marks         `json:"namespace"`
	Cluster   struct {
		APIGroups []string            `json:"apiGroups"`
		Workloads []InstalledWorkload `json:"workloads"`
		Webhooks  []InstalledWebhook  `json:"webhooks"`
	} `json:"cluster"`
	Pods []struct {
		Side v1alpha1.Side `json:"side"`
		Pod  corev1.Pod    `json:"pod"`
	} `json:"pods"`
	Probes []v1alpha1.Probe      `json:"probes"`
	Counts []v1alpha1.ProxyCount `json:"counts"`
	Want   struct {
		Mesh       string              `json:"mesh"`
		Confidence v1alpha1.Confidence `json:"confidence"`
		Candidates []string            `json:"candidates"`
		// Versions are those of control and data plane, with a space between.
		Versions string          `json:"versions"`
		Path     v1alpha1.Path   `json:"path"`
		MTLS     v1alpha1.Answer `json:"mtls"`
		// Evidence are parts of sentences that must be there.
		Evidence      []string       `json:"evidence"`
		Layer         v1alpha1.Layer `json:"layer"`
		WaypointAsked bool           `json:"waypointAsked"`
		Variants      []string       `json:"variants"`
		// Threads are those of the first proxy, with their source in brackets.
		Threads string `json:"threads"`
	} `json:"want"`
}

func cases(t testing.TB) map[string]fixture {
	t.Helper()
	paths, err := filepath.Glob("testdata/cases/*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatal("no cases", err)
	}
	all := map[string]fixture{}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var f fixture
		if err := yaml.UnmarshalStrict(data, &f); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		all[strings.TrimSuffix(filepath.Base(path), ".yaml")] = f
	}
	return all
}

// conclude runs a case through the catalogue, as a run does.
func (f fixture) conclude(t testing.TB, c Catalogue) v1alpha1.DataPlane {
	t.Helper()
	arm := v1alpha1.Arm{Name: "a", Role: f.Role}
	trial := v1alpha1.Trial{Arm: "a", Probes: f.Probes, ProxyCounts: f.Counts}
	for _, p := range f.Pods {
		seen := v1alpha1.Pod{Name: p.Pod.Name, Mesh: c.Observe(&p.Pod, "meshbench")}
		if p.Side == v1alpha1.SideServer {
			arm.Target = &seen
		} else {
			trial.Pods = append(trial.Pods, seen)
		}
	}
	d, _, err := c.Examine(arm, []v1alpha1.Trial{trial}, []int32{8080}, Observation{
		Told: f.Told, Role: f.Role, Namespace: Meta(f.Namespace),
		Installed: Installed{APIGroups: f.Cluster.APIGroups, Workloads: f.Cluster.Workloads, Webhooks: f.Cluster.Webhooks},
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestWhatIsConcludedFromWhatIsSeen(t *testing.T) {
	c := builtin(t)
	for name, f := range cases(t) {
		t.Run(name, func(t *testing.T) {
			got, want := f.conclude(t, c), f.Want
			if got.Mesh != want.Mesh || got.Confidence != want.Confidence ||
				!slices.Equal(slices.Sorted(slices.Values(got.Candidates)), want.Candidates) {
				t.Errorf("mesh %q, %s, candidates %v; want %q, %s, %v\n%s", got.Mesh, got.Confidence, got.Candidates, want.Mesh,
					want.Confidence, want.Candidates, strings.Join(got.Evidence, "\n"))
			}
			if got.Path != want.Path || got.MTLS != want.MTLS {
				t.Errorf("path %q, mTLS %q; want %q, %q\n%s\n%s", got.Path, got.MTLS, want.Path, want.MTLS,
					strings.Join(got.PathEvidence, "\n"), strings.Join(got.MTLSEvidence, "\n"))
			}
			if len(got.PathEvidence) == 0 || len(got.MTLSEvidence) == 0 || len(got.Evidence) == 0 {
				t.Errorf("something is concluded without evidence: %+v", got)
			}
			if versions := got.ControlPlaneVersion + " " + got.DataPlaneVersion; versions != want.Versions &&
				versions != " "+want.Versions {
				t.Errorf("versions %q, want %q", versions, want.Versions)
			}
			all := strings.Join(slices.Concat(got.Evidence, got.PathEvidence, got.MTLSEvidence), "\n")
			for _, part := range want.Evidence {
				if !strings.Contains(all, part) {
					t.Errorf("evidence does not contain %q:\n%s", part, all)
				}
			}
			if got.Layer != want.Layer && want.Layer != "" || got.WaypointAsked != want.WaypointAsked {
				t.Errorf("layer %q, waypoint asked for %v; want %q, %v", got.Layer, got.WaypointAsked, want.Layer,
					want.WaypointAsked)
			}
			if !slices.Equal(got.Variants, want.Variants) {
				t.Errorf("variants %q, want %q\n%s", got.Variants, want.Variants, strings.Join(got.Evidence, "\n"))
			}
			if want.Threads != "" {
				if len(got.Proxies) == 0 || got.Proxies[0].Threads == nil {
					t.Fatalf("no threads in %+v, want %s", got.Proxies, want.Threads)
				}
				if s := got.Proxies[0].Threads; s.Value+" ("+s.From+")" != want.Threads {
					t.Errorf("threads %s (%s), want %s", s.Value, s.From, want.Threads)
				}
			}
		})
	}
}

// A document without fixtures is a claim that nobody tried.
func TestEveryMeshHasACase(t *testing.T) {
	tried := map[string]bool{}
	for _, f := range cases(t) {
		tried[f.Want.Mesh] = true
	}
	for _, id := range builtin(t).IDs() {
		if !tried[id] {
			t.Errorf("mesh %s has no case in testdata/cases", id)
		}
	}
}

func TestAMeshThatIsToldMustBeKnown(t *testing.T) {
	_, err := builtin(t).Detect(Observation{Told: "istio"})
	if err == nil || !strings.Contains(err.Error(), `there is no mesh "istio": want one of aws-app-mesh, cilium`) {
		t.Errorf("error %v does not list the meshes", err)
	}
}

// Labels and annotations of others stay where they are: a report may be shared.
func TestOnlyWhatConcernsMeshesIsKept(t *testing.T) {
	pod := &corev1.Pod{}
	pod.Labels = map[string]string{"linkerd.io/control-plane-ns": "linkerd", "team": "secret",
		"app.kubernetes.io/version": "1"}
	pod.Annotations = map[string]string{"vault/token": "secret", "sidecar.istio.io/status": strings.Repeat("x", 1000)}
	pod.Spec.Containers = []corev1.Container{{Name: "meshbench"},
		{Name: "istio-proxy", Env: []corev1.EnvVar{{Name: "PASSWORD", Value: "secret"}}}}
	got := builtin(t).Observe(pod, "meshbench")
	if len(got.Labels) != 1 || len(got.Annotations) != 1 || len(got.Annotations["sidecar.istio.io/status"]) > maxValue {
		t.Errorf("kept %v and %v", got.Labels, got.Annotations)
	}
	if len(got.Containers) != 1 || len(got.Containers[0].Settings) != 0 {
		t.Errorf("containers %+v", got.Containers)
	}
}
