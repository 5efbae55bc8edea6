package harness

import (
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
)

// One line of an audit log, as API servers write it.
const line = `{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","stage":"ResponseComplete",` +
	`"verb":"VERB","userAgent":"AGENT","objectRef":{"resource":"RESOURCE","namespace":"SPACE","name":"NAME",` +
	`"apiVersion":"v1"},"responseStatus":{"code":200},"requestObject":{"metadata":{"annotations":{ANNOTATIONS}}}}` + "\n"

func logged(verb, resource, namespace, name string, other ...string) string {
	r := strings.NewReplacer(append(other, "VERB", verb, "RESOURCE", resource, "SPACE", namespace, "NAME", name,
		"AGENT", "kubectl-meshbench/v1", "ANNOTATIONS", "")...)
	return r.Replace(line)
}

// A check of rights that finds nothing would be none.
func TestCallsBeyondTheRightsAreFound(t *testing.T) {
	consent := logged("create", "namespaces", "shop", "shop", "AGENT", "e2e.test", "ANNOTATIONS",
		`"meshbench.dev/role": "meshed"`)
	rights := Rights{
		InNamespaces: []rbacv1.PolicyRule{
			{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: []string{"create"}},
			{APIGroups: []string{""}, Resources: []string{"namespaces"}, Verbs: []string{"get"}}},
		Anywhere: []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"nodes"}, Verbs: []string{"list"}}},
	}
	for name, c := range map[string]struct {
		log  string
		want []string
	}{
		"what a Role has":         {consent + logged("create", "pods", "shop", "p"), nil},
		"its own namespace":       {consent + logged("get", "namespaces", "shop", "shop"), nil},
		"what a ClusterRole has":  {logged("list", "nodes", "", ""), nil},
		"what somebody else asks": {logged("delete", "nodes", "", "n", "AGENT", "kubectl/v1"), nil},
		"a verb that nobody granted": {consent + logged("delete", "pods", "shop", "p"),
			[]string{"delete pods p in shop: no"}},
		"a right of a namespace, everywhere": {consent + logged("create", "pods", "", ""),
			[]string{"create pods of the cluster: no"}},
		"a namespace that did not consent": {consent + logged("create", "pods", "other", "p"),
			[]string{"create pods p in other: no", "create pods p in other: a write"}},
		"the same twice": {consent + logged("delete", "pods", "shop", "p") + logged("delete", "pods", "shop", "p"),
			[]string{"delete pods p in shop: no"}},
		"a line that is being written": {consent + `{"kind": "Ev`, nil},
	} {
		a, err := ReadAudit(strings.NewReader(c.log), "kubectl-meshbench/")
		if err != nil {
			t.Fatal(err)
		}
		got := a.Beyond(rights)
		if !slices.EqualFunc(got, c.want, strings.HasPrefix) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if _, err := ReadAudit(strings.NewReader("what is no JSON\n"), ""); err == nil {
		t.Error("a log that is none is read")
	}
}
