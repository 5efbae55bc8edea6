package price_test

import (
	"math"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/analyse"
	"github.com/meshbench/kubectl-meshbench/pkg/core/price"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

func priced(t *testing.T, rounds int, edit func(*v1alpha1.Trial)) v1alpha1.Report {
	t.Helper()
	r, levels := fixture.Priced(rounds, edit)
	done, err := analyse.Complete(analyse.Input{Report: r, Levels: levels})
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func parts(t *testing.T, r v1alpha1.Report) map[price.Part]price.Cost {
	t.Helper()
	lists := price.Lists(r)
	if len(lists) != 1 || len(lists[0].Arms) != 1 || lists[0].Arms[0].Name != "meshy" {
		t.Fatalf("prices are %+v", lists)
	}
	out := map[price.Part]price.Cost{}
	for _, c := range lists[0].Arms[0].Parts {
		out[c.Part] = c
	}
	return out
}

func near(t *testing.T, what string, e *v1alpha1.Estimate, want, share float64) {
	t.Helper()
	if e == nil || e.Low == nil || math.Abs(e.Value-want) > share*want || *e.Low > *e.High {
		t.Errorf("%s is %+v, want about %g", what, e, want)
	}
}

func TestPartsHaveThePriceThatTheyWereGiven(t *testing.T) {
	all := parts(t, priced(t, 6, nil))
	if len(all) != 3 {
		t.Errorf("parts are %+v", all)
	}
	for p, c := range all {
		if c.Missing != "" || c.Whose == "" {
			t.Errorf("%s: %+v", p, c)
		}
	}
	near(t, "client proxy", all[price.ClientProxy].PerThousandCores, 1000*fixture.PricedSlope, 0.02)
	near(t, "server proxy", all[price.ServerProxy].PerThousandCores, 1000*fixture.PricedSlope, 0.02)
	near(t, "kernel", all[price.Kernel].PerThousandCores, 0.1, 0.1)
	near(t, "idle", all[price.ServerProxy].IdleCores, fixture.PricedIdle, 0.05)
	near(t, "memory", all[price.ServerProxy].MemoryBytes, 48<<20, 0.02)
	if c := all[price.ClientProxy]; c.IdleMeasured || math.Abs(c.LowestPerSecond-50) > 1 {
		t.Errorf("nobody measured an idle client: %+v", c)
	}
	if c := all[price.ServerProxy]; !c.IdleMeasured || c.LowestPerSecond != 0 || math.Abs(c.HighestPerSecond-800) > 9 {
		t.Errorf("range is %g to %g, idle measured: %t", c.LowestPerSecond, c.HighestPerSecond, c.IdleMeasured)
	}
}

func TestWhatForbidsAPrice(t *testing.T) {
	throttled, periods, none := int64(5), int64(100), (*float64)(nil)
	for name, c := range map[string]struct {
		rounds int
		edit   func(*v1alpha1.Trial)
		says   string
	}{
		"throttled": {6, func(x *v1alpha1.Trial) {
			if x.Arm == "meshy" && x.Level == "rate=800" {
				for i := range x.Resources.Containers {
					x.Resources.Containers[i].ThrottledPeriods, x.Resources.Containers[i].Periods = &throttled, &periods
				}
			}
		}, "was throttled at rate=800"},
		"few rounds": {3, nil, "3 rounds have all rates"},
		"hidden": {6, func(x *v1alpha1.Trial) {
			for i := range x.Resources.Containers {
				x.Resources.Containers[i].CPUSeconds, x.Resources.Containers[i].Missing = none, "the runtime hides it"
			}
		}, "the runtime hides it"},
	} {
		all := parts(t, priced(t, c.rounds, c.edit))
		if got := all[price.ServerProxy]; !strings.Contains(got.Missing, c.says) || got.PerThousandCores != nil {
			t.Errorf("%s: %+v, want %q", name, got, c.says)
		}
	}
	r := priced(t, 6, nil)
	for i := range r.Cells {
		if r.Cells[i].Level == "rate=800" || r.Cells[i].Level == "rate=400" {
			r.Cells[i].Overloaded = true
		}
	}
	if arm := price.Lists(r)[0].Arms[0]; !strings.Contains(arm.Missing, "3 of its rates can be used") {
		t.Errorf("with two rates overloaded: %+v", arm)
	}
}

func TestABendIsPricedByItsPoints(t *testing.T) {
	r := priced(t, 6, func(x *v1alpha1.Trial) {
		if rate := float64(x.Load.Requests) / x.Window.Seconds; x.Arm == "meshy" {
			for i := range x.Resources.Containers {
				if x.Resources.Containers[i].Part == v1alpha1.PartProxy {
					*x.Resources.Containers[i].CPUSeconds = 0.0035 * math.Pow(rate, 0.6) * x.Window.Seconds
				}
			}
		}
	})
	c := parts(t, r)[price.ClientProxy]
	if c.PerThousandCores != nil || c.IdleCores != nil || len(c.Points) != 5 || c.BendRatio < 0.1 {
		t.Errorf("a bend has the price %+v", c)
	}
	between := price.Lists(r)[0].Estimate(price.Ask{PerSecond: 600 * 10, Hops: 1, Pods: 10})[0]
	if !strings.Contains(between.Missing, "client-proxy: its use without load was not measured") {
		t.Errorf("the idle use of a bend is guessed: %+v", between)
	}
	beyond := price.Lists(r)[0].Estimate(price.Ask{PerSecond: 850 * 10, Hops: 1, Pods: 10})[0]
	if !strings.Contains(beyond.Missing, "outside the measured range") || beyond.Cores != nil {
		t.Errorf("beyond the points of a bend: %+v", beyond)
	}
}

func TestAnEstimateIsTheSumOfItsParts(t *testing.T) {
	list := price.Lists(priced(t, 6, nil))[0]
	core, gib := 20.0, 3.0
	got := list.Estimate(price.Ask{PerSecond: 20000, Hops: 3, Pods: 400, CorePrice: &core, GiBPrice: &gib})[0]
	// 60,000 calls: each through two proxies and the kernel; 400 proxies without load.
	cores := 60000*(2*fixture.PricedSlope+0.0001) + 400*fixture.PricedIdle
	near(t, "cores", got.Cores, cores, 0.03)
	near(t, "memory", got.MemoryBytes, 400*48<<20, 0.02)
	near(t, "money", got.Money, cores*core+400.0*48/1024*gib, 0.03)
	if got.Missing != "" || len(got.Parts) != 3 {
		t.Errorf("estimate is %+v", got)
	}
	for rate, inside := range map[float64]bool{40: false, 60: true, 950: true, 990: false} {
		got := list.Estimate(price.Ask{PerSecond: rate * 10, Hops: 1, Pods: 10})[0]
		if (got.Cores != nil) != inside || inside == strings.Contains(got.Missing, "outside the measured range") {
			t.Errorf("%g/s for each pod: %+v", rate, got)
		}
	}
}

// What nobody saw is no 0: neither memory in a sum, nor periods of a limit.
func TestWhatWasNotSeenIsSaid(t *testing.T) {
	limit := 2.0
	r := priced(t, 6, func(x *v1alpha1.Trial) {
		for i := range x.Resources.Containers {
			c := &x.Resources.Containers[i]
			c.MemoryMeanBytes, c.ThrottledPeriods, c.Periods, c.CPULimitCores = nil, nil, nil, &limit
		}
	})
	if c := parts(t, r)[price.ServerProxy]; c.PerThousandCores == nil || !strings.Contains(c.Caution, "CPU limit") {
		t.Errorf("server proxy %+v, want its price and that throttling is not known", c)
	}
	core, gib := 20.0, 3.0
	got := price.Lists(r)[0].Estimate(price.Ask{PerSecond: 20000, Hops: 3, Pods: 400, CorePrice: &core, GiBPrice: &gib})[0]
	if got.Cores == nil || got.MemoryBytes != nil || got.Money != nil {
		t.Errorf("without any memory: %+v, want cores alone", got)
	}
	known := priced(t, 6, nil)
	if c := parts(t, known)[price.ServerProxy]; c.Caution != "" {
		t.Errorf("caution %q where nothing is limited", c.Caution)
	}
}

// A line through low rates says what a higher one takes.
func TestAHigherRateIsPredicted(t *testing.T) {
	r := priced(t, 6, nil)
	low := priced(t, 6, nil)
	for i := range low.Cells {
		low.Cells[i].Void = low.Cells[i].Level == "rate=800"
	}
	list := price.Lists(low)[0]
	for _, part := range list.Estimate(price.Ask{PerSecond: 480, Hops: 1, Pods: 1})[0].Parts {
		if part.Part != price.ServerProxy {
			continue
		}
		truth := fixture.PricedIdle + 480*fixture.PricedSlope
		if part.Cores == nil || *part.Cores.Low > truth || *part.Cores.High < truth {
			t.Errorf("at 480/s, from rates up to 400/s: %+v, want %g", part.Cores, truth)
		}
	}
	if n := len(price.Lists(r)[0].Arms[0].Parts[0].Points); n != 5 {
		t.Errorf("%d points", n)
	}
}
