//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/workload"
	"github.com/meshbench/kubectl-meshbench/test/harness"
)

// variant is a real Istio as somebody has set it up, and what is to be
// concluded from it.
type variant struct {
	patch string
	// pods are those of a run that are set up so.
	pods map[string]string
	// plain is set where requests arrive without mutual TLS.
	plain bool
	path  v1alpha1.Path
	mtls  v1alpha1.Answer
	// evidence are parts of what is said of the path.
	evidence []string
	// also looks at what else there is to see of a trial; it may be nil.
	also func(*testing.T, v1alpha1.Trial)
}

func variants() []variant {
	return []variant{
		{patch: harness.PatchHold, pods: harness.RunPods(), path: v1alpha1.PathBothSides, mtls: v1alpha1.AnswerYes,
			also: wantProxyFirst},
		{patch: harness.PatchOutbound, pods: harness.LoadPods(), plain: true, path: v1alpha1.PathServerSide,
			mtls: v1alpha1.AnswerNo, evidence: []string{"excludeOutboundPorts=8080, which leads its port around the proxy"}},
		{patch: harness.PatchInbound, pods: harness.TargetPods(), plain: true, path: v1alpha1.PathClientSide,
			mtls: v1alpha1.AnswerNo, evidence: []string{"excludeInboundPorts=8080, which leads its port around the proxy"}},
		{patch: harness.PatchBare, pods: harness.TargetPods(), path: v1alpha1.PathClientSide, mtls: v1alpha1.AnswerNo,
			evidence: []string{"none of 1 target pods carries"}},
		{patch: harness.PatchUnlabelled, pods: harness.RunPods(), path: v1alpha1.PathBothSides, mtls: v1alpha1.AnswerYes,
			evidence: []string{"counters not readable"}, also: wantNoSuchLabel},
	}
}

// A real Istio in which users have changed what decides about the path: ports
// that go around a sidecar, a pod without one, a sidecar that is its pod's first
// container, counters without the labels that tell sides apart. All arms are of
// one run.
func istioVariants(s suite, istio *harness.Istio) {
	injector := s.injector()
	baseline := s.namespace(harness.Namespace{Prefix: "base", Role: v1alpha1.RoleBaseline})
	byArm := map[string]variant{}
	var arms []string
	for _, v := range variants() {
		label, err := injector.Apply(s.t.Context(), v.patch, "/patch/"+v.patch, v.pods)
		if err != nil {
			s.t.Fatal(err)
		}
		arm := s.enrolled(v.patch, harness.Namespace{Labels: istio.Labels()}, label)
		if v.plain {
			if err := istio.TakePlainText(s.t.Context(), arm); err != nil {
				s.t.Fatal(err)
			}
		}
		byArm[arm] = v
		arms = append(arms, arm)
	}
	report := s.run(append(short("exp1", "--baseline", baseline, "--meshed", strings.Join(arms, ","), "--rounds", "1"),
		"-o", "json")...).wantCode(s.t, 0).report(s.t)
	for _, arm := range report.Arms {
		d, v := arm.DataPlane, byArm[arm.Namespace]
		switch {
		case d == nil:
			s.t.Errorf("nothing is said of arm %s", arm.Name)
			continue
		case arm.Role == v1alpha1.RoleBaseline:
			if d.Path != v1alpha1.PathNone || d.MTLS != v1alpha1.AnswerNo {
				s.t.Errorf("baseline: %+v", d)
			}
			continue
		}
		evidence := strings.Join(d.PathEvidence, "\n")
		s.t.Logf("%s: path %s, mTLS %s\n%s\n%s", v.patch, d.Path, d.MTLS, evidence, strings.Join(d.MTLSEvidence, "\n"))
		if d.Mesh != "istio-sidecar" || d.Path != v.path || d.MTLS != v.mtls {
			s.t.Errorf("%s: mesh %q, path %s, mTLS %s; want istio-sidecar, %s, %s", v.patch, d.Mesh, d.Path, d.MTLS, v.path,
				v.mtls)
		}
		for _, part := range v.evidence {
			if !strings.Contains(evidence, part) {
				s.t.Errorf("%s: the evidence does not say %q", v.patch, part)
			}
		}
		oneSided := v.path == v1alpha1.PathClientSide || v.path == v1alpha1.PathServerSide
		if hasFindingOn(report, "mesh-on-one-side", arm.Name) != oneSided ||
			hasFindingOn(report, "mesh-not-in-path", arm.Name) {
			s.t.Errorf("%s: findings %+v", v.patch, report.Findings)
		}
	}
	for _, trial := range report.Trials {
		if trial.Status != v1alpha1.TrialCompleted || trial.Load == nil || trial.Load.Requests == 0 ||
			trial.Load.Failed() > 0 {
			s.t.Errorf("trial %s of %s: %s %s %+v", trial.ID, trial.Arm, trial.Status, trial.Reason, trial.Load)
			continue
		}
		if n := trial.Received; n == nil || n.Received != n.Sent {
			s.t.Errorf("trial %s of %s: the target received %+v, want what was sent", trial.ID, trial.Arm, n)
		}
		if v := byArm[namespaceOf(report, trial.Arm)]; v.also != nil {
			v.also(s.t, trial)
		}
	}
	s.wantNothingLeft(append(arms, baseline)...)
}

// wantProxyFirst fails unless the load pod's first container is a classic sidecar.
func wantProxyFirst(t *testing.T, trial v1alpha1.Trial) {
	t.Helper()
	for _, pod := range trial.Pods {
		var first string
		for _, c := range pod.Mesh.Containers {
			if !c.Init && first == "" {
				first = c.Name
			}
			if c.Native {
				t.Errorf("pod %s has native sidecar %s", pod.Name, c.Name)
			}
		}
		if first != harness.IstioProxy || pod.Containers[0].Name == workload.ContainerName {
			t.Errorf("pod %s: containers %+v, want the proxy first", pod.Name, pod.Containers)
		}
	}
}

// wantNoSuchLabel fails unless the counters are unread for that reason.
func wantNoSuchLabel(t *testing.T, trial v1alpha1.Trial) {
	t.Helper()
	if len(trial.ProxyCounts) != 2 {
		t.Errorf("trial %s: %+v, want counts of both sides", trial.ID, trial.ProxyCounts)
	}
	for _, c := range trial.ProxyCounts {
		if c.Counted != nil || !strings.Contains(c.Unread, "no such label: no series of istio_requests_total has reporter") {
			t.Errorf("trial %s: %+v, want that the label is gone", trial.ID, c)
		}
	}
}

func hasFindingOn(r v1alpha1.Report, code, arm string) bool {
	for _, f := range r.Findings {
		if f.Code == code && f.Arm == arm {
			return true
		}
	}
	return false
}

func namespaceOf(r v1alpha1.Report, arm string) string {
	for _, a := range r.Arms {
		if a.Name == arm {
			return a.Namespace
		}
	}
	return ""
}
