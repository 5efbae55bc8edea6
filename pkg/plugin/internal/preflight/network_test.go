package preflight

import (
	"errors"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/yaml"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

func policy(t *testing.T, name, spec string) networkingv1.NetworkPolicy {
	t.Helper()
	p := networkingv1.NetworkPolicy{}
	p.Name = name
	if err := yaml.UnmarshalStrict([]byte(spec), &p.Spec); err != nil {
		t.Fatal(err)
	}
	return p
}

const (
	shutPolicy = `{podSelector: {}, policyTypes: [Ingress, Egress]}`
	freeEgress = `{podSelector: {}, policyTypes: [Egress], egress: [{}]}`
	toNames    = `{podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 53, protocol: UDP}]}]}`
	amongOurs  = `{podSelector: {matchLabels: {app.kubernetes.io/name: meshbench}}, policyTypes: [Ingress, Egress],
		ingress: [{from: [{podSelector: {matchLabels: {app.kubernetes.io/name: meshbench}}}], ports: [{port: http}]}],
		egress: [{to: [{podSelector: {}}]}]}`
	fromAddress = `{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}`
)

func TestNetworkPoliciesAreJudgedFromWhatTheySay(t *testing.T) {
	for name, test := range map[string]struct {
		specs  []string
		edit   func(*site)
		arm    string
		status Status
		says   []string
		never  string
	}{
		"none": {nil, nil, "base", StatusPass, []string{"no NetworkPolicy"}, ""},
		"all is denied": {[]string{shutPolicy}, nil, "base", StatusWarn, []string{
			"load pods to a name server (p0)", "load pods out to port 8080 of the target, http1 (p0)",
			"load pods in to port 8080 of the target, http1 (p0)", "check --deep"}, "8079"},
		"names are forgotten": {[]string{shutPolicy, amongOurs}, nil, "base", StatusWarn,
			[]string{"do not let through load pods to a name server (p0, p1)"}, "out to port"},
		"as it should be": {[]string{shutPolicy, amongOurs, toNames}, nil, "base", StatusPass,
			[]string{"load pods in to port 8080", "(p0, p1)"}, ""},
		"by address": {[]string{fromAddress}, nil, "base", StatusWarn,
			[]string{"do not tell whether", "load pods in to port 8080"}, "name server"},
		"proxies are forgotten": {[]string{shutPolicy, amongOurs, toNames}, nil, "mesh", StatusWarn,
			[]string{"do not tell whether", "the proxies to their control plane"}, ""},
		"nothing leaves restricted": {[]string{freeEgress}, nil, "mesh", StatusPass, []string{"control plane"}, ""},
		"a tunnel has a port of its own": {[]string{`{podSelector: {}, ingress: [{ports: [{port: 8080}]}]}`}, func(s *site) {
			s.admit = func(*corev1.Pod) error { return nil }
			s.namespaces[1].Labels = map[string]string{"istio.io/dataplane-mode": "ambient"}
		}, "mesh", StatusWarn, []string{"port 15008", "the mesh's tunnel"}, "8080"},
		"a port of Linkerd's": {[]string{`{podSelector: {}, ingress: [{ports: [{port: 8080}]}]}`}, func(s *site) {
			s.namespaces[1].Labels = map[string]string{}
			s.namespaces[1].Annotations[v1alpha1.AnnotationMesh] = "linkerd"
			s.admit = func(p *corev1.Pod) error {
				if p.Namespace == "mesh" {
					p.Spec.Containers = append(p.Spec.Containers, corev1.Container{Name: "linkerd-proxy"})
				}
				return nil
			}
		}, "mesh", StatusWarn, []string{"port 4143 of the target, the mesh's tunnel"}, "8080"},
		"not to be read": {nil, func(s *site) { s.unread = errors.New("forbidden") }, "base", StatusWarn,
			[]string{"list networkpolicies.networking.k8s.io in namespace base", "check.yaml"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := inOrder()
			for i, spec := range test.specs {
				s.policies = append(s.policies, policy(t, "p"+string(rune('0'+i)), spec))
			}
			if test.edit != nil {
				test.edit(s)
			}
			outcomes, _ := ask(t, inputFor(t, s))
			i := slices.IndexFunc(outcomes, func(o Outcome) bool {
				return o.Check.Category == CategoryNetwork && o.Check.Arm == test.arm
			})
			if i < 0 {
				t.Fatal("not asked")
			}
			o, text := outcomes[i], outcomes[i].Result.Evidence+"\n"+outcomes[i].Result.Fix
			if o.Status != test.status {
				t.Errorf("%s, want %s: %s", o.Status, test.status, text)
			}
			for _, part := range test.says {
				if !strings.Contains(text, part) {
					t.Errorf("does not say %q: %s", part, text)
				}
			}
			if test.never != "" && strings.Contains(text, test.never) {
				t.Errorf("says %q: %s", test.never, text)
			}
		})
	}
}

// A limit of open files is held against the run's own connections: a rehearsal has
// one alone. None that is told is none.
func TestARehearsalComparesOpenFilesWithTheRun(t *testing.T) {
	in := inputOf(t, inOrder(), named(t, "exp1", func(e *v1alpha1.Experiment) {
		e.Spec.Factors.Connections = v1alpha1.Values[int]{1000}
	}))
	c := &checker{Input: in}
	c.plan, _ = in.Plan(t.Context(), []v1alpha1.Arm{{Name: "base", Role: v1alpha1.RoleBaseline, Namespace: "base"}})
	for _, test := range []struct {
		worker string
		files  int64
		want   Answer
	}{{"v1", 1024, Broken}, {"v1", 1256, Holds}, {"v1", 0, Holds}, {"", 0, Unknown}} {
		if r := c.judgeFiles(RehearsedArm{Worker: test.worker, OpenFiles: test.files}); r.Answer != test.want {
			t.Errorf("%+v: %+v", test, r)
		}
	}
}

// What a rehearsal proves is explained by the policies that were read before.
func TestARehearsalThatFailsNamesThePolicies(t *testing.T) {
	c := &checker{blocked: map[string]string{"base": "load pods to a name server (deny)"}}
	failed := RehearsedArm{Trials: []RehearsedTrial{{Trial: v1alpha1.Trial{Status: v1alpha1.TrialVoid,
		Reason: "no such host"}}}}
	if r := c.judgeTrials(v1alpha1.Arm{Name: "base"}, failed); !strings.Contains(r.Fix, "name server (deny)") {
		t.Errorf("%+v does not name the policy", r)
	}
	if r := c.judgeTrials(v1alpha1.Arm{Name: "mesh"}, failed); r.Fix != "" {
		t.Errorf("%+v blames a policy", r)
	}
}
