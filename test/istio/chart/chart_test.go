// Package chart renders the chart of manifests/rbac by Helm's own engine, which this
// module has anyway.
package chart

import (
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
	"sigs.k8s.io/yaml"
)

const folder = "../../../manifests/rbac"

func rendered(t *testing.T, values string) (string, error) {
	t.Helper()
	chart, err := loader.Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	var given map[string]any
	if err := yaml.Unmarshal([]byte(values), &given); err != nil {
		t.Fatal(err)
	}
	all, err := util.ToRenderValues(chart, given, common.ReleaseOptions{Name: "bench", Namespace: "default"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	files, err := engine.Render(chart, all)
	return files[filepath.Join("meshbench-rbac", "templates", "grants.yaml")], err
}

func objects(t *testing.T, text string) []map[string]any {
	t.Helper()
	var all []map[string]any
	for _, part := range strings.Split("\n"+text, "\n---\n") {
		var o map[string]any
		if err := yaml.Unmarshal([]byte(part), &o); err != nil {
			t.Fatalf("%v in\n%s", err, part)
		}
		if o != nil {
			all = append(all, o)
		}
	}
	return all
}

// The chart grants what the plugin prints, field by field.
func TestTheChartIsWhatThePluginPrints(t *testing.T) {
	for _, c := range []struct{ values, args string }{
		{"namespaces: [plain, with-mesh]\nsubject: {name: ann}", "--namespaces plain,with-mesh --for user:ann"},
		{"namespaces: [plain]", "--namespaces plain"},
		{"namespaces: [plain]\nsubject: {kind: Group, name: benchers}\nwith: [check, discovery, init, resources]",
			"--namespaces plain --for group:benchers --with check,discovery,init,resources"},
		{"namespaces: [plain]\nsubject: {kind: ServiceAccount, name: bench, namespace: ci}\n" +
			"tokenSecret: {namespace: monitoring, name: token}",
			"--namespaces plain --for serviceaccount:ci/bench --token-secret monitoring/token"},
	} {
		text, err := rendered(t, c.values)
		if err != nil {
			t.Fatalf("%s: %v", c.values, err)
		}
		command := exec.Command("go", "run", "./cmd/kubectl-meshbench", "rbac")
		command.Args = append(command.Args, strings.Fields(c.args)...)
		command.Dir = "../../.."
		want, err := command.Output()
		if err != nil {
			t.Fatalf("%s: %v", c.args, err)
		}
		if got, want := objects(t, text), objects(t, string(want)); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: the chart gives\n%v\nthe plugin\n%v", c.args, got, want)
		}
	}
}

func TestWrongValuesAreRefused(t *testing.T) {
	for _, values := range []string{"", "namespaces: [plain]\nwith: [chekc]",
		"namespaces: [plain]\nsubject: {kind: ServiceAccount, name: bench}"} {
		if text, err := rendered(t, values); err == nil {
			t.Errorf("%q gives\n%s", values, text)
		}
	}
}
