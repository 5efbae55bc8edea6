package stats

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// reference is what testdata/reference.py computed with SciPy.
type reference struct {
	Student []struct{ P, DF, Want float64 }
	Mean    []struct {
		X                []float64
		Value, Low, High float64
	}
	Ratio []struct {
		A, B             []float64
		Value, Low, High float64
	}
	Wilcoxon []struct {
		X []float64
		P float64
	}
	SignFlip []struct {
		X []float64
		P float64
	}
	Trend []struct {
		X      []float64
		Tau, P float64
	}
	Robust []struct{ X, Z []float64 }
	TTest  []struct {
		X       []float64
		None, P float64
	}
	Welch, Pooled []struct {
		A, B                    []float64
		Value, Low, High, Above float64
	}
	Widening []struct {
		N       int
		R, Want float64
	}
	Jackknife []struct {
		X                []float64
		Value, Low, High float64
	}
}

func TestMethodsAgreeWithSciPy(t *testing.T) {
	data, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	var ref reference
	if err := json.Unmarshal(data, &ref); err != nil {
		t.Fatal(err)
	}
	for _, r := range ref.Student {
		near(t, "student quantile", StudentQuantile(r.P, r.DF), r.Want)
	}
	estimate := func(name string, e v1alpha1.Estimate, value, low, high float64) {
		near(t, name, e.Value, value)
		near(t, name+" low", *e.Low, low)
		near(t, name+" high", *e.High, high)
	}
	for _, r := range ref.Mean {
		estimate("mean", MeanInterval(r.X), r.Value, r.Low, r.High)
	}
	for _, r := range ref.Ratio {
		e, ok := RatioInterval(r.A, r.B)
		if !ok {
			t.Fatal("no ratio")
		}
		estimate("ratio", e, r.Value, r.Low, r.High)
	}
	for _, r := range ref.Wilcoxon {
		near(t, "wilcoxon", Wilcoxon(r.X), r.P)
	}
	for _, r := range ref.SignFlip {
		near(t, "sign flip", SignFlip(r.X), r.P)
	}
	for _, r := range ref.Trend {
		tau, p := Trend(r.X)
		near(t, "tau", tau, r.Tau)
		near(t, "trend p", p, r.P)
	}
	for _, r := range ref.TTest {
		near(t, "t test", TTest(r.X, r.None), r.P)
	}
	shift := func(name string, s Shift, ok bool, value, low, high, above float64) {
		l, h := s.Interval()
		if !ok {
			t.Errorf("%s: no shift", name)
		}
		estimate(name, v1alpha1.Estimate{Value: s.Value, Low: &l, High: &h}, value, low, high)
		near(t, name+" above", s.Above(0), above)
		near(t, name+" below", s.Below(0), 1-above)
	}
	for _, r := range ref.Welch {
		s, ok := WelchShift(r.A, r.B)
		shift("welch", s, ok, r.Value, r.Low, r.High, r.Above)
	}
	for _, r := range ref.Pooled {
		s, ok := PooledShift(r.A, r.B)
		shift("pooled", s, ok, r.Value, r.Low, r.High, r.Above)
	}
	for _, r := range ref.Widening {
		near(t, "widening", widening(r.N, r.R), r.Want)
	}
	for _, r := range ref.Jackknife {
		e := Jackknife(len(r.X), func(rounds []int) float64 {
			var taken []float64
			for _, i := range rounds {
				taken = append(taken, r.X[i])
			}
			return math.Log(Mean(taken))
		})
		estimate("jackknife", e, r.Value, r.Low, r.High)
	}
	for _, r := range ref.Robust {
		for i, z := range RobustZ(r.X) {
			near(t, "robust z", z, r.Z[i])
		}
	}
}

func near(t *testing.T, name string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-9*math.Abs(want) && math.Abs(got-want) > 1e-14 {
		t.Errorf("%s = %.17g, want %.17g", name, got, want)
	}
}
