package page_test

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/render/page"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
	"github.com/meshbench/kubectl-meshbench/test/golden"
)

// large is a sweep of many arms and levels, with what was used in each second.
func large(t *testing.T) v1alpha1.Report {
	t.Helper()
	e := fixture.Named("exp2", 4)
	for rate := v1alpha1.Rate(100); rate <= 1200; rate += 100 { // 3,000 samples in 30 s are 100 a second
		e.Spec.Factors.Rate = append(e.Spec.Factors.Rate, rate)
	}
	return golden.Completed(t,
		fixture.Options{Samples: 3000, Arms: []string{"plain", "sidecar", "ambient", "linkerd", "cilium"},
			Experiment: e, Edit: fixture.WithWindow}, nil)
}

func TestALargePageStaysSmall(t *testing.T) {
	var out bytes.Buffer
	r := large(t)
	if err := page.HTML(&out, r, term.Style{}); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d KiB", out.Len()>>10)
	if !bytes.Contains(out.Bytes(), []byte("×1.50")) || !bytes.Contains(out.Bytes(), []byte("<figure")) {
		t.Error("nothing is in the page")
	}
	if out.Len() > 2<<20 {
		t.Errorf("the page has %d bytes", out.Len())
	}
	back, err := report.Parse(out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if len(back.Trials) != len(r.Trials) || !reflect.DeepEqual(back.Trials[7].Load, r.Trials[7].Load) ||
		back.Trials[7].Series != nil || back.Trials[7].Resources == nil {
		t.Error("the report in the page has lost more than its series by the second")
	}
	if r.Trials[7].Series == nil || r.Trials[7].Resources.Containers[0].Series == nil {
		t.Error("writing a page changed the report")
	}
}

// A page of one level has the whole report.
func TestASmallPageHoldsAllOfItsReport(t *testing.T) {
	r := golden.Completed(t, fixture.Options{Edit: fixture.WithWindow}, nil)
	var out bytes.Buffer
	if err := page.HTML(&out, r, term.Style{}); err != nil {
		t.Fatal(err)
	}
	back, err := report.Parse(out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(back.Trials[3].Series, r.Trials[3].Series) {
		t.Error("series by the second are lost")
	}
}
