//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
	"github.com/meshbench/kubectl-meshbench/test/envoy/shape"
	"github.com/meshbench/kubectl-meshbench/test/harness"
)

// A real Envoy on both sides, in the shapes that meshes give it: what must be
// concluded of each. test/envoy says what of it is real.
func TestEnvoyAsMeshesConfigureIt(t *testing.T) {
	s := newSuite(t)
	remove, err := s.InstallEnvoy(t.Context())
	t.Cleanup(func() {
		if remove == nil {
			return
		}
		if err := remove(context.Background()); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	e := envoys{suite: s, injector: s.injector(), labels: map[string]map[string]string{}}
	for _, test := range []struct {
		name string
		run  func(envoys)
	}{{"Exp1", envoys.exp1}, {"Exp4", envoys.exp4}, {"Retries", envoys.retries}, {"Limits", envoys.limits}} {
		t.Run(test.name, func(t *testing.T) { test.run(e.on(t)) })
	}
}

// envoys runs experiments on namespaces with injected Envoys.
type envoys struct {
	suite
	injector *harness.Injector
	// labels of namespaces, by patch.
	labels map[string]map[string]string
}

func (e envoys) on(t *testing.T) envoys {
	e.suite = newSuite(t)
	return e
}

// asKuma makes a namespace whose pods have Envoy as Kuma configures it.
func (e envoys) asKuma(name, patch string, s shape.Settings) string {
	e.t.Helper()
	arm := e.injected(name, patch, harness.Namespace{Labels: map[string]string{"kuma.io/sidecar-injection": "enabled"}})
	if err := e.ConfigureEnvoy(e.t.Context(), arm, shape.Proxy{Shape: shape.AsKuma, Settings: s}); err != nil {
		e.t.Fatal(err)
	}
	return arm
}

// asConsul makes one whose pods have it as Consul does, for one port of the target.
func (e envoys) asConsul(name string, port int, s shape.Settings) string {
	e.t.Helper()
	arm := e.injected(name, harness.PatchEnvoyAsConsul,
		harness.Namespace{Annotations: map[string]string{v1alpha1.AnnotationMesh: "consul"}})
	proxy := shape.Proxy{Shape: shape.AsConsul, Port: port, Settings: s}
	if err := e.ConfigureEnvoy(e.t.Context(), arm, proxy); err != nil {
		e.t.Fatal(err)
	}
	return arm
}

func (e envoys) injected(name, patch string, n harness.Namespace) string {
	e.t.Helper()
	if e.labels[patch] == nil {
		labels, err := e.injector.InjectEnvoy(e.t.Context(), patch)
		if err != nil {
			e.t.Fatal(err)
		}
		e.labels[patch] = labels
	}
	return e.enrolled(name, n, e.labels[patch])
}

// Three arms of HTTP: Kuma's settings, the same with a fifth of a core, Consul's.
func (e envoys) exp1() {
	baseline := e.namespace(harness.Namespace{Prefix: "base", Role: v1alpha1.RoleBaseline})
	kuma := e.asKuma("kuma", harness.PatchEnvoyAsKuma, shape.Kuma())
	limited := e.asKuma("limited", harness.PatchEnvoyAsKumaLimited, shape.Kuma())
	consul := e.asConsul("consul", 8080, shape.Consul())
	r := e.measure("exp1", 2, baseline, kuma, limited, consul)
	e.wantKuma(r, kuma)
	e.wantKuma(r, limited)
	e.wantConsul(r, consul)
	e.wantThreads(r, kuma, "every core of the node")
	e.wantThreads(r, limited, "2")
	for arm, want := range map[string]bool{kuma: false, limited: true, consul: false} {
		// A source from outside sees throttling every few seconds, which is longer than a window.
		if (hasFindingOn(r, "throttled", arm) || hasFindingOn(r, "cpu-limit", arm)) != want {
			e.t.Errorf("%s: held by its limit: want %t of %+v", arm, want, r.Findings)
		}
	}
}

// The same of gRPC.
func (e envoys) exp4() {
	baseline := e.namespace(harness.Namespace{Prefix: "base", Role: v1alpha1.RoleBaseline})
	kuma := e.asKuma("kuma", harness.PatchEnvoyAsKuma, shape.Kuma())
	consul := e.asConsul("consul", 8079, shape.Consul())
	r := e.measure("exp4", 1, baseline, kuma, consul)
	e.wantKuma(r, kuma)
	e.wantConsul(r, consul)
}

// A target that fails one request in ten: Kuma's five retries hide nearly all, and
// the target receives more than was sent; without them clients see it. Kuma's limit
// of three retries at a time is raised, as a slow machine would keep to it.
func (e envoys) retries() {
	baseline := e.namespace(harness.Namespace{Prefix: "base", Role: v1alpha1.RoleBaseline})
	on, off := shape.Kuma(), shape.Kuma()
	on.Limits.Retries, off.Retries = 1024, 0
	byArm := map[string]int{baseline: 0}
	var arms []string
	for name, s := range map[string]shape.Settings{"retries": on, "off": off} {
		arm := e.asKuma(name, harness.PatchEnvoyAsKuma, s)
		byArm[arm] = s.Retries
		arms = append(arms, arm)
	}
	const share = 0.1
	r := e.run("run", "errors", "--baseline", baseline, "--meshed", strings.Join(arms, ","),
		"--set", "factors.protocol=[http1, grpc]", "--set", fmt.Sprintf("factors.errorRatio=%g", share), "--rate", "200",
		"--connections", "16", "--rounds", "1", "--duration", "3s", "--warmup", "500ms", "--seed", "7", "--resources", "none",
		"--inconclusive", "pass", "-o", "json").wantCode(e.t, 0).report(e.t)
	x := report.IndexOf(r)
	for _, c := range r.Cells {
		arm := namespaceOf(r, c.Arm)
		wantPredicted(e.t, x, c, c.Arm+", "+c.Level, share, byArm[arm])
		if got := hasFindingOn(r, "mesh-retries", c.Arm); got != (byArm[arm] > 0) {
			e.t.Errorf("%s: finding mesh-retries: %t", c.Arm, got)
		}
	}
	e.wantNothingLeft(append(arms, baseline)...)
}

// Limits that a client's proxy keeps: a circuit breaker that opens, whose refusals
// are told as the proxy's and never reached the target, and few requests to a
// connection, which the load then opens anew. And Kuma's own default of no mutual TLS,
// of which nothing in the pods tells.
func (e envoys) limits() {
	baseline := e.namespace(harness.Namespace{Prefix: "base", Role: v1alpha1.RoleBaseline})
	s := shape.Kuma()
	s.Limits = &shape.Limits{Connections: 1024, Pending: 1024, Requests: 2, Retries: 3}
	breaker := e.asKuma("breaker", harness.PatchEnvoyAsKuma, s)
	s = shape.Kuma()
	s.RequestsPerConnection = 20
	few := e.asKuma("few", harness.PatchEnvoyAsKuma, s)
	s = shape.Kuma()
	s.Plain = true
	plain := e.asKuma("plain", harness.PatchEnvoyAsKuma, s)
	r := e.run("exp1", "--rounds", "1", "--duration", "3s", "--warmup", "500ms", "--inconclusive", "pass", "--baseline",
		baseline, "--meshed", strings.Join([]string{breaker, few, plain}, ","), "--resources", "none", "-o",
		"json").wantCode(e.t, 0).report(e.t)
	for _, trial := range r.Trials {
		n := trial.Received
		if trial.Load == nil || n == nil {
			e.t.Errorf("trial %s of %s: %s %s, received %+v", trial.ID, trial.Arm, trial.Status, trial.Reason, n)
			continue
		}
		failed, opened := trial.Load.Failed(), trial.Load.WindowSockets
		e.t.Logf("%s: %d answered, %d failed, %d sockets, received %+v", trial.Arm, trial.Load.Requests, failed,
			trial.Load.Sockets, *n)
		arm := namespaceOf(r, trial.Arm)
		if (failed > 0) != (arm == breaker) || (n.Received < n.Sent) != (arm == breaker) {
			e.t.Errorf("%s: %d failed, received %+v", trial.Arm, failed, *n)
		}
		if opened == nil || (*opened > trial.Load.Requests/100) != (arm == few) {
			e.t.Errorf("%s: %v sockets were opened for %d requests", trial.Arm, opened, trial.Load.Requests)
		}
	}
	for _, f := range r.Findings {
		told := f.Arm == breaker && strings.Contains(f.Evidence, "x-envoy-overloaded") &&
			strings.Contains(f.Evidence, "overflow")
		if f.Code == "errors" && !told {
			e.t.Errorf("the proxy's refusals are told as %+v", f)
		}
	}
	if !hasFindingOn(r, "errors", breaker) || !hasFindingOn(r, "sockets-in-window", few) {
		e.t.Errorf("findings %+v", r.Findings)
	}
	for _, a := range r.Arms {
		if d := a.DataPlane; a.Namespace == plain && (d == nil || d.Mesh != "kuma" || d.Path != v1alpha1.PathBothSides ||
			d.MTLS != v1alpha1.AnswerUnknown) {
			e.t.Errorf("%s: %+v, want Kuma on both sides, and no word of mutual TLS", plain, d)
		}
	}
	e.wantNothingLeft(baseline, breaker, few, plain)
}

func (e envoys) measure(experiment string, rounds int, baseline string, meshed ...string) v1alpha1.Report {
	e.t.Helper()
	table := e.tempFile("table.txt")
	r := e.run(experiment, "--rounds", strconv.Itoa(rounds), "--duration", "3s", "--warmup", "500ms", "--idle", "2s",
		"--inconclusive", "pass", "--baseline", baseline, "--meshed", strings.Join(meshed, ","), "-o", "json",
		"-o", "wide="+table).wantCode(e.t, 0).report(e.t)
	e.show(table)
	e.wantNothingLeft(append(meshed, baseline)...)
	return r
}

func (e envoys) wantKuma(r v1alpha1.Report, arm string) {
	e.t.Helper()
	e.wantMesh(r, arm, "kuma", "kuma-sidecar", shape.Proxy{Shape: shape.AsKuma, Side: shape.Load}.ID())
}

func (e envoys) wantConsul(r v1alpha1.Report, arm string) {
	e.t.Helper()
	e.wantMesh(r, arm, "consul", "consul-dataplane", shape.Proxy{Shape: shape.AsConsul, Side: shape.Load}.ID())
	e.wantThreads(r, arm, "2")
	for _, trial := range r.Trials {
		if namespaceOf(r, trial.Arm) != arm {
			continue
		}
		if len(trial.ProxyCounts) != 2 {
			e.t.Errorf("trial %s: proxies counted %+v, want both sides", trial.ID, trial.ProxyCounts)
		}
		for _, c := range trial.ProxyCounts {
			if c.Counted == nil || *c.Counted < c.Sent {
				e.t.Errorf("trial %s: the proxy counted %+v, want what was sent", trial.ID, c)
			}
		}
	}
}

// wantMesh fails unless an arm is taken for what it is: the mesh, both sidecars in
// the path of all requests, mutual TLS and who the client proved to be, and what
// each side's sidecar used.
func (e envoys) wantMesh(r v1alpha1.Report, arm, mesh, container, identity string) {
	e.t.Helper()
	for _, a := range r.Arms {
		if d := a.DataPlane; a.Namespace == arm && (d == nil || d.Mesh != mesh ||
			d.Confidence != v1alpha1.ConfidenceCertain || d.Path != v1alpha1.PathBothSides || d.MTLS != v1alpha1.AnswerYes) {
			e.t.Errorf("%s: %+v, want %s on both sides with mutual TLS", arm, d, mesh)
		}
	}
	for _, trial := range r.Trials {
		if namespaceOf(r, trial.Arm) != arm {
			continue
		}
		if trial.Status != v1alpha1.TrialCompleted || trial.Load == nil || trial.Load.Requests == 0 ||
			trial.Load.Failed() > 0 {
			e.t.Errorf("trial %s: %s %s %+v", trial.ID, trial.Status, trial.Reason, trial.Load)
		}
		if len(trial.Probes) == 0 || trial.Probes[0].ClientIdentity != identity {
			e.t.Errorf("trial %s: the target was told %+v, want that the client is %s", trial.ID, trial.Probes, identity)
		}
		if trial.Resources == nil {
			e.t.Errorf("trial %s says nothing of what it used", trial.ID)
			continue
		}
		seen := map[v1alpha1.Side]bool{}
		for _, c := range trial.Resources.Containers {
			if c.Container == container && c.Part == v1alpha1.PartProxy && c.CPUSeconds != nil && *c.CPUSeconds > 0 {
				seen[c.Side] = true
			}
		}
		if !seen[v1alpha1.SideClient] || !seen[v1alpha1.SideServer] {
			e.t.Errorf("trial %s: the CPU time of sidecars is known of %v, want both sides", trial.ID, seen)
		}
	}
}

// wantThreads fails unless both sidecars of an arm are said to have so many threads.
func (e envoys) wantThreads(r v1alpha1.Report, arm, threads string) {
	e.t.Helper()
	for _, a := range r.Arms {
		if a.Namespace != arm || a.DataPlane == nil {
			continue
		}
		for _, p := range a.DataPlane.Proxies {
			if p.Threads == nil || p.Threads.Value != threads {
				e.t.Errorf("%s: threads %+v, want %s", arm, p.Threads, threads)
			}
		}
		if len(a.DataPlane.Proxies) != 2 {
			e.t.Errorf("%s: proxies %+v, want one a side", arm, a.DataPlane.Proxies)
		}
	}
}
