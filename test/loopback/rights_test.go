package loopback_test

import (
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	"github.com/meshbench/kubectl-meshbench/manifests"
	"github.com/meshbench/kubectl-meshbench/test/loopback"
)

// granted are the rights of the shipped Roles, as "verb group/resource", and the
// file of each.
func granted(t *testing.T) map[string][]string {
	t.Helper()
	files, err := fs.Glob(manifests.Files, "rbac/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for _, file := range files {
		text, err := manifests.Files.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var role rbacv1.ClusterRole
		if err := yaml.Unmarshal(text, &role); err != nil || len(role.Rules) == 0 {
			continue // the chart's values, and kustomize's
		}
		for _, rule := range role.Rules {
			for _, group := range rule.APIGroups {
				for _, resource := range rule.Resources {
					for _, verb := range rule.Verbs {
						right := verb + " " + group + "/" + resource
						all[right] = append(all[right], path.Base(file))
					}
				}
			}
		}
	}
	return all
}

// used are the rights that a lab's calls took, likewise.
func used(l *lab) map[string]bool {
	all := map[string]bool{}
	for _, c := range l.server.Calls() {
		if c.Permission == "" || c.Code == http.StatusForbidden {
			continue
		}
		group := ""
		if rest, ok := strings.CutPrefix(c.Path, "/apis/"); ok {
			group, _, _ = strings.Cut(rest, "/")
		}
		verb, resource, _ := strings.Cut(c.Permission, " ")
		all[verb+" "+group+"/"+resource] = true
		if verb == "patch" { // server-side apply creates what is not there
			all["create "+group+"/"+resource] = true
		}
	}
	return all
}

// Every right in the shipped Roles is used by some call, and no call needs one that
// none of them grants.
func TestRolesGrantWhatCallsUseAndNoMore(t *testing.T) {
	t.Parallel()
	use := map[string]bool{}
	sane := loopback.Sane()
	// Queries of a Prometheus are posted at first: whoever may only get has that refused.
	sane.Denied = []string{"create services/proxy"}
	l := open(t, sane)
	for _, args := range [][]string{
		{"check"}, {"cleanup"},
		slices.Concat(small(), []string{"--resources", "all", "--idle", "1s"}),
		slices.Concat(small(), []string{"--prometheus-service", "plain/prometheus:9090", "--resources", "all"}),
		{"init", "--mesh", "istio-sidecar", "--apply"}, // last: it makes another baseline
	} {
		t.Log(args[0], l.call(args...).errOut)
	}
	maps.Copy(use, used(l))
	text, err := os.ReadFile("testdata/no-scale-up.yaml")
	if err != nil {
		t.Fatal(err)
	}
	waiting, err := loopback.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	l = open(t, waiting)
	l.call(small("--scale-up-timeout", "2s")...)
	maps.Copy(use, used(l))
	if text, err = os.ReadFile("testdata/own-service.yaml"); err != nil {
		t.Fatal(err)
	}
	theirs, err := loopback.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	l = open(t, theirs)
	l.call("check", "exp2", "--target-service", "web:http")
	maps.Copy(use, used(l))
	grants := granted(t)
	for right, files := range grants {
		if !use[right] {
			t.Errorf("%s is granted by %s, and no call uses it", right, strings.Join(files, ", "))
		}
	}
	for right := range use {
		if grants[right] == nil && !strings.HasPrefix(right, "create authorization.k8s.io/") {
			t.Errorf("%s is used, and no Role grants it", right)
		}
	}
}
