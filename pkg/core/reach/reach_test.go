package reach

import (
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/yaml"
)

var (
	load = Pod{Namespace: "mesh", NamespaceLabels: map[string]string{"team": "shop"},
		Labels: map[string]string{"app": "bench", "part": "load"}}
	target = Pod{Namespace: "mesh", NamespaceLabels: map[string]string{"team": "shop"},
		Labels: map[string]string{"app": "bench", "part": "target"},
		Ports:  []corev1.ContainerPort{{Name: "http", ContainerPort: 8080}}}
	names = Pod{Namespace: "kube-system", Labels: map[string]string{"k8s-app": "kube-dns"},
		Ports: []corev1.ContainerPort{{Name: "dns", ContainerPort: 53, Protocol: corev1.ProtocolUDP}}, Partly: true}
	http  = Port{corev1.ProtocolTCP, 8080}
	dns53 = Port{corev1.ProtocolUDP, 53}
)

// policies reads specifications, each of a policy in namespace mesh.
func policies(t *testing.T, specs ...string) []networkingv1.NetworkPolicy {
	t.Helper()
	var all []networkingv1.NetworkPolicy
	for i, text := range specs {
		p := networkingv1.NetworkPolicy{}
		p.Namespace, p.Name = "mesh", string(rune('a'+i))
		if err := yaml.UnmarshalStrict([]byte(text), &p.Spec); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		all = append(all, p)
	}
	return all
}

const (
	denyAll     = `{podSelector: {}, policyTypes: [Ingress, Egress]}`
	denyIngress = `{podSelector: {}}`
)

// in is a policy of all pods with one rule for what comes in, and out for what
// goes out.
func in(rule string) string  { return `{podSelector: {}, ingress: [` + rule + `]}` }
func out(rule string) string { return `{podSelector: {}, egress: [` + rule + `]}` }

func TestIngress(t *testing.T) {
	for name, test := range map[string]struct {
		specs []string
		want  Answer
	}{
		"no policy":           {nil, Open},
		"default deny":        {[]string{denyIngress}, Blocked},
		"deny of egress only": {[]string{`{podSelector: {}, policyTypes: [Egress]}`}, Open},
		"another pod's":       {[]string{`{podSelector: {matchLabels: {app: other}}}`}, Open},
		"allow all":           {[]string{denyIngress, in(`{}`)}, Open},
		"same namespace":      {[]string{denyIngress, in(`{from: [{podSelector: {}}]}`)}, Open},
		"policies add up": {[]string{in(`{ports: [{port: 1}]}`),
			`{podSelector: {matchLabels: {part: target}}, ingress: [{ports: [{port: 8080}]}]}`}, Open},
		"another port":      {[]string{in(`{ports: [{port: 80}]}`)}, Blocked},
		"another protocol":  {[]string{in(`{ports: [{port: 8080, protocol: UDP}]}`)}, Blocked},
		"a range":           {[]string{in(`{ports: [{port: 8000, endPort: 8100}]}`)}, Open},
		"below a range":     {[]string{in(`{ports: [{port: 8081, endPort: 8100}]}`)}, Blocked},
		"a port by name":    {[]string{in(`{ports: [{port: http}]}`)}, Open},
		"a name it has not": {[]string{in(`{ports: [{port: web}]}`)}, Blocked},
		"any port of TCP":   {[]string{in(`{ports: [{protocol: TCP}]}`)}, Open},
		"by namespace":      {[]string{in(`{from: [{namespaceSelector: {matchLabels: {team: shop}}}]}`)}, Open},
		"by a namespace's name": {[]string{
			in(`{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: mesh}}}]}`)}, Open},
		"another namespace": {[]string{in(`{from: [{namespaceSelector: {matchLabels: {team: ops}}}]}`)}, Blocked},
		"namespace, not the pod": {[]string{
			in(`{from: [{namespaceSelector: {}, podSelector: {matchLabels: {app: web}}}]}`)}, Blocked},
		"by expression": {[]string{
			in(`{from: [{podSelector: {matchExpressions: [{key: part, operator: NotIn, values: [target]}]}}]}`)}, Open},
		"by address": {[]string{in(`{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}`)},
			Unclear},
		"port but wrong peer": {[]string{
			in(`{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 8080}]}`)}, Blocked},
	} {
		if got := Ingress(policies(t, test.specs...), target, load, http); got.Answer != test.want {
			t.Errorf("%s: %+v, want %d", name, got, test.want)
		}
	}
}

func TestEgress(t *testing.T) {
	for name, test := range map[string]struct {
		specs []string
		to    Pod
		port  Port
		want  Answer
	}{
		"no policy":            {nil, target, http, Open},
		"deny of ingress only": {[]string{denyIngress}, target, http, Open},
		"default deny":         {[]string{denyAll}, target, http, Blocked},
		"names denied":         {[]string{denyAll}, names, dns53, Blocked},
		"rules without types":  {[]string{out(`{to: [{podSelector: {}}]}`)}, target, http, Open},
		"own namespace only":   {[]string{out(`{to: [{podSelector: {}}]}`)}, names, dns53, Blocked},
		"port of names": {[]string{out(`{ports: [{port: 53, protocol: UDP}]}`)}, names, dns53,
			Open},
		"names over TCP only": {[]string{out(`{ports: [{port: 53}]}`)}, names, dns53, Blocked},
		"kube-system by name": {[]string{
			out(`{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}]}`)}, names, dns53, Open},
		"kube-dns by label": {[]string{
			out(`{to: [{namespaceSelector: {}, podSelector: {matchLabels: {k8s-app: kube-dns}}}],
				ports: [{port: dns, protocol: UDP}]}`)}, names, dns53, Open},
		"a label of its own": {[]string{
			out(`{to: [{namespaceSelector: {matchLabels: {name: kube-system}}}]}`)}, names, dns53, Unclear},
		"by address": {[]string{out(`{to: [{ipBlock: {cidr: 169.254.20.10/32}}]}`)}, names,
			dns53, Unclear},
		"a port of another": {[]string{
			out(`{to: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 443}]}`)}, names, dns53, Blocked},
		"a name of its own": {[]string{out(`{ports: [{port: names, protocol: UDP}]}`)}, names, dns53,
			Unclear},
	} {
		if got := Egress(policies(t, test.specs...), load, test.to, test.port); got.Answer != test.want {
			t.Errorf("%s: %+v, want %d", name, got, test.want)
		}
	}
}

// Those that select the pod are named, and those of other namespaces are not.
func TestVerdictsNameTheirPolicies(t *testing.T) {
	all := policies(t, `{podSelector: {matchLabels: {app: other}}, policyTypes: [Egress]}`, denyAll, denyAll)
	all[2].Namespace = "elsewhere"
	got := Egress(all, load, target, http)
	if got.Answer != Blocked || !slices.Equal(got.Policies, []string{"b"}) {
		t.Errorf("%+v, want blocked by b", got)
	}
	if got := Egress(nil, load, target, http); len(got.Policies) != 0 {
		t.Errorf("%+v of no policy", got)
	}
}
