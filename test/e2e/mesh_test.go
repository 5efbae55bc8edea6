//go:build e2e

package e2e

import (
	"maps"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/test/harness"
)

// A real API server changes the pods as the injectors of meshes do: native and
// classic sidecars are recognised on both sides, by the least of users, and an
// injector that fails open is found out.
func TestMeshesAreRecognisedOnInjectedPods(t *testing.T) {
	s := newSuite(t)
	injector := s.injector()
	baseline := s.namespace(harness.Namespace{Prefix: "base", Role: v1alpha1.RoleBaseline})
	enrolled := map[string]harness.Namespace{
		harness.PatchLinkerd: {Annotations: map[string]string{"linkerd.io/inject": "enabled"}},
		harness.PatchKuma:    {Labels: map[string]string{"kuma.io/sidecar-injection": "enabled"}},
		harness.PatchConsul:  {Annotations: map[string]string{v1alpha1.AnnotationMesh: "consul"}},
	}
	arms := map[string]string{} // by mesh
	for mesh, n := range enrolled {
		label, err := injector.Apply(t.Context(), mesh, "/patch/"+mesh, harness.RunPods())
		if err != nil {
			t.Fatal(err)
		}
		arms[mesh] = s.enrolled(mesh, n, label)
	}
	label, err := injector.Broken(t.Context(), "open", harness.RunPods())
	if err != nil {
		t.Fatal(err)
	}
	open := s.enrolled("open", enrolled[harness.PatchLinkerd], label)
	user := s.tempFile("kubeconfig")
	if err := s.User(t.Context(), user, nil, baseline, arms[harness.PatchLinkerd], arms[harness.PatchKuma],
		arms[harness.PatchConsul], open); err != nil {
		t.Fatal(err)
	}
	meshed := strings.Join([]string{arms[harness.PatchLinkerd], arms[harness.PatchKuma], arms[harness.PatchConsul], open},
		",")
	wide := s.tempFile("wide.txt")
	report := s.runAs(user,
		append(short("exp1", "--baseline", baseline, "--meshed", meshed, "--rounds", "1"), "-o", "json", "-o",
			"wide="+wide)...).
		wantCode(t, 0).report(t)
	for _, arm := range report.Arms {
		d := arm.DataPlane
		t.Logf("arm %s: %+v", arm.Name, d)
		want := v1alpha1.DataPlane{Confidence: v1alpha1.ConfidenceUnknown, Path: v1alpha1.PathNone}
		for mesh, name := range arms {
			if name == arm.Name {
				// The containers are there, and nothing leads requests to them.
				want = v1alpha1.DataPlane{Mesh: mesh, Confidence: v1alpha1.ConfidenceCertain, Path: v1alpha1.PathUnknown}
			}
		}
		if arm.Name == open {
			want = v1alpha1.DataPlane{Mesh: harness.PatchLinkerd, Confidence: v1alpha1.ConfidenceLikely, Path: v1alpha1.PathNone}
		}
		if d == nil || d.Mesh != want.Mesh || d.Confidence != want.Confidence || d.Path != want.Path || len(d.Unread) == 0 {
			t.Errorf("arm %s: %+v, want mesh %q, %s, path %s, and what may not be read", arm.Name, d, want.Mesh, want.Confidence,
				want.Path)
			continue
		}
		if want.Path == v1alpha1.PathUnknown &&
			(len(d.Proxies) != 2 || d.Proxies[0].CPULimitCores == nil || *d.Proxies[0].CPULimitCores != 1 ||
				d.Proxies[0].Native == (want.Mesh == harness.PatchConsul)) {
			t.Errorf("arm %s: proxies %+v, want one a side with a limit of 1 core", arm.Name, d.Proxies)
		}
	}
	for _, c := range report.Cells {
		if c.Void != (c.Arm == open) {
			t.Errorf("cell of %s: void is %v", c.Arm, c.Void)
		}
	}
	for _, trial := range report.Trials {
		if trial.Status != v1alpha1.TrialCompleted || len(trial.Probes) != 1 || len(trial.Probes[0].RequestHeaders) == 0 {
			t.Errorf("trial %s is %s (%s), probes %+v", trial.ID, trial.Status, trial.Reason, trial.Probes)
		}
	}
	if !hasFinding(report, "mesh-not-in-path") {
		t.Errorf("findings are %+v", report.Findings)
	}
	s.wantNothingLeft(append([]string{baseline, open}, arms[harness.PatchLinkerd], arms[harness.PatchKuma],
		arms[harness.PatchConsul])...)
	s.run("exp1", "--baseline", baseline, "--meshed",
		s.enrolled("unheard", harness.Namespace{Annotations: map[string]string{v1alpha1.AnnotationMesh: "mesh-of-mine"}},
			nil)).
		wantCode(t, 2).wantError(t, `there is no mesh "mesh-of-mine"`, "linkerd")
}

// Pods of both sides carry the sidecar, and no request goes through it: only
// its counters, read by the workers beside it, tell.
func TestAMeshThatIsGoneAroundIsFoundByItsCounters(t *testing.T) {
	s := newSuite(t)
	baseline := s.namespace(harness.Namespace{Prefix: "base", Role: v1alpha1.RoleBaseline})
	label, err := s.injector().Apply(t.Context(), harness.PatchIdle, "/patch/"+harness.PatchIdle, harness.RunPods())
	if err != nil {
		t.Fatal(err)
	}
	idle := s.enrolled("idle", harness.Namespace{Annotations: map[string]string{"linkerd.io/inject": "enabled"}}, label)
	report := s.run(append(short("exp1", "--baseline", baseline, "--meshed", idle, "--rounds", "1"), "-o",
		"json")...).report(t)
	for _, arm := range report.Arms {
		if d := arm.DataPlane; d == nil || d.Path != v1alpha1.PathNone {
			t.Errorf("arm %s: %+v, want path none", arm.Name, d)
		} else if evidence := strings.Join(d.PathEvidence, "; "); arm.Name == idle &&
			strings.Count(evidence, "they went around it") != 2 {
			t.Errorf("arm %s: %s; want that requests went around the proxies of both sides", arm.Name, evidence)
		}
	}
	for _, trial := range report.Trials {
		if want := map[bool]int{true: 2}[trial.Arm == idle]; len(trial.ProxyCounts) != want {
			t.Errorf("trial %s: %+v, want counts of %d sides", trial.ID, trial.ProxyCounts, want)
		}
		for _, c := range trial.ProxyCounts {
			if c.Counted == nil || *c.Counted != 0 || trial.Load == nil || c.Sent < trial.Load.Requests {
				t.Errorf("trial %s: %+v, want nothing counted of all that was sent", trial.ID, c)
			}
		}
	}
	if !hasFinding(report, "mesh-not-in-path") {
		t.Errorf("findings are %+v", report.Findings)
	}
	s.wantNothingLeft(baseline, idle)
}

// enrolled makes a meshed namespace that carries what enrols it, and the
// injector's own label.
func (s suite) enrolled(prefix string, n harness.Namespace, label map[string]string) string {
	labels := maps.Clone(label)
	if labels == nil {
		labels = map[string]string{}
	}
	maps.Copy(labels, n.Labels)
	return s.namespace(harness.Namespace{Prefix: prefix, Role: v1alpha1.RoleMeshed, Labels: labels,
		Annotations: n.Annotations})
}
