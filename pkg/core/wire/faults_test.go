package wire

import (
	"math"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// A retry is the next number: given that a request failed, the next one fails no
// more often than any other.
func TestDrawsAreOfTheirShareAndIndependent(t *testing.T) {
	const n = 200_000
	for seed := range uint64(5) {
		f := Faults{ErrorRatio: 0.1, SlowRatio: 0.3, Seed: seed}
		var fails, slows, both, inARow float64
		last := false
		for i := range uint64(n) {
			fail, slow := f.Draw(i)
			if again, _ := f.Draw(i); again != fail {
				t.Fatal("a draw is not the same each time")
			}
			count := func(sum *float64, when bool) {
				if when {
					*sum++
				}
			}
			count(&fails, fail)
			count(&slows, slow)
			count(&both, fail && slow)
			count(&inARow, fail && last)
			last = fail
		}
		for name, c := range map[string]struct{ got, p float64 }{
			"fail": {fails, 0.1}, "are slow": {slows, 0.3}, "do both": {both, 0.03},
			"fail after one that failed": {inARow, 0.01},
		} {
			if sigma := math.Sqrt(n * c.p * (1 - c.p)); math.Abs(c.got-n*c.p) > 4.5*sigma {
				t.Errorf("seed %d: %.0f of %d %s, want %.0f", seed, c.got, n, name, n*c.p)
			}
		}
	}
	same := 0
	a, b := Faults{ErrorRatio: 0.5, Seed: 1}, Faults{ErrorRatio: 0.5, Seed: 2}
	for i := range uint64(1000) {
		x, _ := a.Draw(i)
		if y, _ := b.Draw(i); x == y {
			same++
		}
	}
	if same < 400 || same > 600 {
		t.Errorf("two seeds agree in %d of 1000 draws", same)
	}
}

func TestTheEndsOfARatioAreSure(t *testing.T) {
	never, always := Faults{}, Faults{ErrorRatio: 1, SlowRatio: 1}
	for i := range uint64(10_000) {
		if fails, slow := never.Draw(i); fails || slow {
			t.Fatal("a share of 0 was drawn")
		}
		if fails, slow := always.Draw(i); !fails || !slow {
			t.Fatal("a share of 1 was not drawn")
		}
	}
}

func TestFaultsAreReadAsWritten(t *testing.T) {
	for _, f := range []Faults{{}, {0.1, 1, 7}, {1e-9, 0.25, math.MaxUint64}} {
		if got, err := ParseFaults(f.String()); err != nil || got != f {
			t.Errorf("%+v was read as %+v, %v", f, got, err)
		}
	}
	for _, text := range []string{"", "0.1", "0.1,1", "0.1,1,", "1.1,0,1", "-0.1,0,1", "NaN,0,1", "0,NaN,1", "0,0,-1",
		"0,0,1,2"} {
		if got, err := ParseFaults(text); err == nil {
			t.Errorf("%q was read as %+v", text, got)
		}
	}
}

func TestOnlyWhatIsDrawnIsAskedFor(t *testing.T) {
	second := v1alpha1.Duration{Duration: 1e9}
	for _, c := range []struct {
		of   v1alpha1.Request
		want bool
	}{
		{v1alpha1.Request{SlowRatio: 1}, false},
		{v1alpha1.Request{SlowRatio: 1, ServerDelay: second}, false},
		{v1alpha1.Request{SlowRatio: 0.5}, false},
		{v1alpha1.Request{SlowRatio: 0.5, ServerDelay: second}, true},
		{v1alpha1.Request{SlowRatio: 1, ErrorRatio: 0.1}, true},
	} {
		if got := FaultsOf(c.of, 3); (got != nil) != c.want {
			t.Errorf("%+v asks for %v", c.of, got)
		}
	}
}

// Whatever is read is within bounds, and is read again as it is written.
func FuzzFaults(f *testing.F) {
	for _, text := range []string{"0.1,1,7", "1e-300,0,18446744073709551615", "0x1p-2,1,0", "NaN,1,1", ",,"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		faults, err := ParseFaults(text)
		if err != nil {
			return
		}
		if !(faults.ErrorRatio >= 0 && faults.ErrorRatio <= 1 && faults.SlowRatio >= 0 && faults.SlowRatio <= 1) {
			t.Errorf("%q was read as %+v", text, faults)
		}
		if again, err := ParseFaults(faults.String()); err != nil || again != faults {
			t.Errorf("%+v was read again as %+v, %v", faults, again, err)
		}
	})
}
