package report_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/render"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
)

func stored(t *testing.T) (v1alpha1.Report, []byte) {
	t.Helper()
	r := v1alpha1.Report{Arms: []v1alpha1.Arm{{Name: "plain </script> & co", Role: v1alpha1.RoleBaseline}}}
	r.APIVersion, r.Kind, r.Run.ID = v1alpha1.APIVersion, v1alpha1.KindReport, "r1"
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return r, text
}

func zipped(t *testing.T, text []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestAReportIsFoundInWhatHoldsIt(t *testing.T) {
	want, text := stored(t)
	var page bytes.Buffer
	format, err := render.ParseFormat("html")
	if err != nil {
		t.Fatal(err)
	}
	if err := render.Write(&page, format, want, term.Style{}); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"plain": text, "gzip": zipped(t, text), "page": page.Bytes(), "gzip of a page": zipped(t, page.Bytes()),
	} {
		got, err := report.Parse(data)
		if err != nil || got.Run.ID != "r1" || got.Arms[0].Name != want.Arms[0].Name {
			t.Errorf("%s: read %+v, %v", name, got.Arms, err)
		}
	}
}

func TestWhatHoldsNoReportIsSaid(t *testing.T) {
	_, text := stored(t)
	whole := zipped(t, text)
	for name, data := range map[string][]byte{
		"a page": []byte("<html></html>"), "half a file": whole[:len(whole)/2], "a head": {0x1f, 0x8b},
		"half a page": []byte(`<html><script type="application/json" id="report">{`),
	} {
		if _, err := report.Parse(data); err == nil || strings.Contains(err.Error(), "YAML") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
