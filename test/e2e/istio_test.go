//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/test/harness"
)

// All experiments against a real Istio, which is installed once for them.
func TestIstio(t *testing.T) {
	istio := newSuite(t).istio()
	for _, test := range []struct {
		name string
		run  func(suite, *harness.Istio)
	}{
		{"TakesNothingButMutualTLS", istioIsStrict},
		{"Exp1", istioExp1},
		{"Exp2", istioExp2},
		{"Exp3", istioExp3},
		{"Exp4", istioExp4},
		{"Variants", istioVariants},
		{"Retries", istioRetries},
		{"Chain", istioChain},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(newSuite(t), istio) })
	}
}

// istio installs Istio until the test ends.
func (s suite) istio() *harness.Istio {
	s.t.Helper()
	i, err := s.InstallIstio(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		if err := i.Remove(context.Background()); err != nil {
			s.t.Error(err)
		}
	})
	return i
}

// What the experiments take for granted: a request between pods of the mesh
// goes through two sidecars and is encrypted and authenticated between them,
// and one in plain text does not arrive.
func istioIsStrict(s suite, istio *harness.Istio) {
	baseline, meshed := s.pair(istio.Labels())
	s.startPod(meshed, "target", "", map[string]string{"app": "target"}, "target")
	_, err := s.Clientset.CoreV1().Services(meshed).Create(s.t.Context(), &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: "echo"},
		Spec: corev1.ServiceSpec{Selector: map[string]string{"app": "target"},
			Ports: []corev1.ServicePort{{Name: "http", Port: 80, TargetPort: intstr.FromInt32(8080)}}},
	}, metav1.CreateOptions{})
	if err != nil {
		s.t.Fatal(err)
	}
	load := func(namespace, name string) {
		s.startPod(namespace, name, "", nil, "load", "--spec", loadSpec(s.t, "echo."+meshed+".svc:80", time.Second))
	}
	handshakes := func() int64 { return s.counters(istio, meshed, "target", "ssl.handshake") }

	before := handshakes()
	load(meshed, "inside")
	frames := s.frames(meshed, "inside")
	result := frames[len(frames)-2].Result
	if result == nil || result.Load.Requests == 0 || result.Load.Failed() > 0 {
		s.t.Fatalf("the last frames within the mesh are not those of a good result: %+v", frames[len(frames)-2:])
	}
	inside := handshakes()
	if inside <= before {
		s.t.Errorf("the target's sidecar counted %d TLS handshakes before the load and %d after it", before, inside)
	}
	var probe *wire.Probe
	for _, f := range frames {
		if f.Type == wire.TypeProbe {
			probe = f.Probe
		}
	}
	if want := "spiffe://cluster.local/ns/" + meshed + "/sa/default"; probe == nil ||
		probe.IdentityHeader != "x-forwarded-client-cert" || probe.ClientIdentity != want {
		s.t.Errorf("the target saw %+v, want the client's identity %s in x-forwarded-client-cert", probe, want)
	}

	load(baseline, "outside")
	frames = s.framesOfAny(baseline, "outside")
	if last := frames[len(frames)-1]; last.Error == nil || last.Error.Stage != "ready" {
		s.t.Errorf("plain text got an answer: %+v", last)
	} else {
		s.t.Logf("plain text is refused: %s", last.Error.Message)
	}
	if after := handshakes(); after != inside {
		s.t.Errorf("plain text made %d TLS handshakes", after-inside)
	}
}

// The main job, by a user who may do exactly what the shipped Role allows.
func istioExp1(s suite, istio *harness.Istio) {
	baseline, meshed := s.pair(istio.Labels())
	user := s.tempFile("kubeconfig")
	if err := s.User(s.t.Context(), user, nil, baseline, meshed); err != nil {
		s.t.Fatal(err)
	}
	report := s.runInMesh(user, baseline, meshed, "exp1", "--rounds", "4", "--duration", "2s", "--warmup", "500ms",
		"--seed", "7")
	wantCost(s.t, report, meshed)
}

func istioExp2(s suite, istio *harness.Istio) {
	baseline, meshed := s.pair(istio.Labels())
	report := s.runInMesh("", baseline, meshed, "exp2", "--rate", "100,500", "--rounds", "1", "--duration", "3s",
		"--warmup", "500ms")
	for _, trial := range report.Trials {
		rate, err := strconv.ParseFloat(strings.TrimPrefix(trial.Level, "rate="), 64)
		if got := float64(trial.Load.Requests) / trial.Window.Seconds; err == nil && (got < 0.9*rate || got > 1.1*rate) {
			s.t.Errorf("trial %s: %.0f requests per second, want %.0f", trial.ID, got, rate)
		}
	}
}

func istioExp3(s suite, istio *harness.Istio) {
	baseline, meshed := s.pair(istio.Labels())
	s.runInMesh("", baseline, meshed, "exp3", "--rounds", "1", "--duration", "2s", "--warmup", "500ms")
}

func istioExp4(s suite, istio *harness.Istio) {
	baseline, meshed := s.pair(istio.Labels())
	report := s.runInMesh("", baseline, meshed, "exp4", "--rounds", "4", "--duration", "2s", "--warmup", "500ms")
	wantCost(s.t, report, meshed)
}

// runInMesh runs an experiment and fails unless every trial of every arm has
// requests and no errors, and both ends of the meshed arm a sidecar.
func (s suite) runInMesh(kubeconfig, baseline, meshed string, args ...string) v1alpha1.Report {
	s.t.Helper()
	table := s.tempFile("table.txt")
	report := s.runAs(kubeconfig,
		append(args, "--baseline", baseline, "--meshed", meshed, "--resources", "none", "-o", "json", "-o",
			"table="+table)...).wantCode(s.t, 0).report(s.t)
	if len(report.Trials) == 0 || len(report.Trials) != report.Run.PlannedTrials {
		s.t.Errorf("%d trials of %d", len(report.Trials), report.Run.PlannedTrials)
	}
	for _, trial := range report.Trials {
		if trial.Status != v1alpha1.TrialCompleted || trial.Load == nil || trial.Load.Requests == 0 ||
			trial.Load.Failed() > 0 {
			s.t.Errorf("trial %s: %s %s %+v", trial.ID, trial.Status, trial.Reason, trial.Load)
		}
		// Envoy as it comes lacks the filter that counts requests for Istio, which
		// is no claim about the path.
		if want := map[bool]int{true: 2}[trial.Arm == meshed]; len(trial.ProxyCounts) != want {
			s.t.Errorf("trial %s: %+v, want counts of %d sides", trial.ID, trial.ProxyCounts, want)
		}
		for _, c := range trial.ProxyCounts {
			if c.Counted != nil || !strings.Contains(c.Unread, "has no counter istio_requests_total") {
				s.t.Errorf("trial %s: %+v, want that there is no counter", trial.ID, c)
			}
		}
		for _, pod := range trial.Pods {
			if want := trial.Arm == meshed; hasSidecar(pod) != want {
				s.t.Errorf("trial %s: load pod %s has a sidecar: %v, want %v", trial.ID, pod.Name, !want, want)
			}
		}
	}
	for _, arm := range report.Arms {
		if want := arm.Role == v1alpha1.RoleMeshed; arm.Target == nil || hasSidecar(*arm.Target) != want {
			s.t.Errorf("target of arm %s: %+v, want a sidecar: %v", arm.Name, arm.Target, want)
		}
		switch d := arm.DataPlane; {
		case d == nil:
			s.t.Errorf("nothing is said of the data plane of arm %s", arm.Name)
		case arm.Role == v1alpha1.RoleMeshed &&
			(d.Mesh != "istio-sidecar" || d.Path != v1alpha1.PathBothSides || d.MTLS != v1alpha1.AnswerYes):
			s.t.Errorf("arm %s: %+v, want Istio on both sides, with mutual TLS", arm.Name, d)
		case arm.Role == v1alpha1.RoleBaseline && (d.Path != v1alpha1.PathNone || d.MTLS != v1alpha1.AnswerNo):
			s.t.Errorf("arm %s: %+v, want no mesh and no mutual TLS", arm.Name, d)
		}
	}
	wantSidecarsMeasured(s.t, report, meshed)
	text, err := os.ReadFile(table)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Logf("\n%s", text)
	s.wantNothingLeft(baseline, meshed)
	return report
}

// wantSidecarsMeasured fails unless every trial says what both sidecars used.
func wantSidecarsMeasured(t *testing.T, report v1alpha1.Report, meshed string) {
	t.Helper()
	for _, trial := range report.Trials {
		if trial.Arm != meshed || trial.Resources == nil {
			continue
		}
		seen := map[v1alpha1.Side]bool{}
		for _, c := range trial.Resources.Containers {
			if c.Container == harness.IstioProxy && c.Part == v1alpha1.PartProxy && c.CPUSeconds != nil && *c.CPUSeconds > 0 {
				seen[c.Side] = true
			}
		}
		if !seen[v1alpha1.SideClient] || !seen[v1alpha1.SideServer] {
			t.Errorf("trial %s: the CPU time of sidecars is known of %v, want both sides", trial.ID, seen)
		}
	}
}

// wantCost fails unless the mesh is seen to cost throughput, beyond doubt.
func wantCost(t *testing.T, report v1alpha1.Report, meshed string) {
	t.Helper()
	c := comparison(t, report, meshed, v1alpha1.MetricThroughput)
	if c.Conclusion != v1alpha1.ConclusionLower || c.Ratio == nil || c.Ratio.High == nil || *c.Ratio.High >= 1 {
		t.Errorf("throughput is %s, ratio %+v, want lower with an interval below 1", c.Conclusion, c.Ratio)
	}
}

func hasSidecar(pod v1alpha1.Pod) bool {
	for _, c := range pod.Containers {
		if c.Name == harness.IstioProxy && c.Injected {
			return true
		}
	}
	return false
}

// counters adds up the counters of a pod's sidecar whose names end like this.
func (s suite) counters(istio *harness.Istio, namespace, pod, suffix string) int64 {
	s.t.Helper()
	stats, err := istio.Admin(s.t.Context(), namespace, pod, "stats?filter="+suffix)
	if err != nil {
		s.t.Fatal(err)
	}
	var sum int64
	for line := range strings.Lines(stats) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok || !strings.HasSuffix(name, suffix) {
			continue
		}
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			s.t.Fatal(fmt.Errorf("counter %s: %w", name, err))
		}
		sum += n
	}
	return sum
}
