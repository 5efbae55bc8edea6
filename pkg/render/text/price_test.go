package text_test

import (
	"bytes"
	"math"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/analyse"
	"github.com/meshbench/kubectl-meshbench/pkg/core/price"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/pkg/render/text"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
	"github.com/meshbench/kubectl-meshbench/test/golden"
)

func TestPricesAreWrittenAsOperatorsReadThem(t *testing.T) {
	core, gib := 20.0, 3.0
	for name, c := range map[string]struct {
		edit func(*v1alpha1.Trial)
		ask  *price.Ask
	}{
		"prices": {nil, &price.Ask{PerSecond: 20000, Hops: 3, Pods: 400, CorePrice: &core, GiBPrice: &gib}},
		"prices-bent": {func(x *v1alpha1.Trial) {
			if rate := float64(x.Load.Requests) / x.Window.Seconds; x.Arm == "meshy" {
				for i := range x.Resources.Containers {
					if u := &x.Resources.Containers[i]; u.Part == v1alpha1.PartProxy && u.Side == v1alpha1.SideServer {
						*u.CPUSeconds = 0.0035 * math.Pow(rate, 0.6) * x.Window.Seconds
					}
				}
			}
		}, &price.Ask{PerSecond: 200000, Hops: 1, Pods: 40}},
	} {
		r, levels := fixture.Priced(6, c.edit)
		done, err := analyse.Complete(analyse.Input{Report: r, Levels: levels})
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := text.Prices(&out, price.SheetOf(done, c.ask), term.Style{}); err != nil {
			t.Fatal(err)
		}
		golden.Check(t, name+".table", out.Bytes())
	}
}

func TestMemoryIsWrittenOverConnections(t *testing.T) {
	for name, memory := range map[string]func(float64) float64{
		"prices-memory":      func(n float64) float64 { return fixture.PricedBaseBytes + fixture.PricedConnectionBytes*n },
		"prices-memory-bent": func(n float64) float64 { return 20<<20 + 60<<20*math.Floor(n/200) },
	} {
		r, levels := fixture.PricedMemory(6, memory)
		done, err := analyse.Complete(analyse.Input{Report: r, Levels: levels})
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := text.Prices(&out, price.SheetOf(done, nil), term.Style{}); err != nil {
			t.Fatal(err)
		}
		golden.Check(t, name+".table", out.Bytes())
	}
}
