package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

func TestPartsOfAReportAreAskedForAsInKubectl(t *testing.T) {
	r := v1alpha1.Report{
		APIVersion: v1alpha1.APIVersion, Kind: v1alpha1.KindReport, Metadata: v1alpha1.Metadata{Name: "run-1"},
		Run: v1alpha1.Run{ID: "run-1", Seed: 1 << 40}, Arms: []v1alpha1.Arm{{Name: "plain"}, {Name: "meshy"}},
	}
	for wanted, want := range map[string]string{
		"name":                           "report.meshbench.dev/run-1\n",
		"jsonpath={.run.id}":             "run-1",
		"jsonpath={.arms[*].name}":       "plain meshy",
		"go-template={{.run.id}}":        "run-1",
		"go-template={{len .arms}}=arms": "2=arms",
	} {
		out, err := (&outputFlags{wanted: []string{wanted}, color: "auto"}).open(&bytes.Buffer{})
		if err != nil {
			t.Errorf("-o %s: %v", wanted, err)
			continue
		}
		var text bytes.Buffer
		if err := out.write(&text, r); err != nil || text.String() != want {
			t.Errorf("-o %s writes %q, %v; want %q", wanted, text.String(), err, want)
		}
	}
	for _, wanted := range []string{"jsonpath={.nothing.there}", "go-template={{index .arms 7}}"} {
		out, err := (&outputFlags{wanted: []string{wanted}, color: "auto"}).open(&bytes.Buffer{})
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		if err := out.write(&text, r); err == nil || len(err.Error()) > 300 || strings.Contains(text.String(), "apiVersion") {
			t.Errorf("-o %s: %v, and writes %q", wanted, err, text.String())
		}
	}
	for _, bad := range []string{"name=x", "jsonpath", "jsonpath=", "jsonpath={", "go-template={{", "go-template"} {
		if _, err := (&outputFlags{wanted: []string{bad}, color: "auto"}).open(&bytes.Buffer{}); exitCode(err) != exitUsage {
			t.Errorf("-o %s gives %v, want a usage error", bad, err)
		}
	}
}
