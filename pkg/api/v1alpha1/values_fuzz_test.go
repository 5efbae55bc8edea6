package v1alpha1

import (
	"encoding/json"
	"math"
	"testing"
)

func FuzzParseRate(f *testing.F) {
	for _, text := range []string{"max", "100", "0.5", "1e300", "-1", "NaN", "0x10p4"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ParseRate(text)
		if err != nil {
			return
		}
		if r < 0 || math.IsInf(float64(r), 0) || math.IsNaN(float64(r)) {
			t.Fatalf("%q is a rate of %v", text, float64(r))
		}
		if again, err := ParseRate(r.String()); err != nil || again != r {
			t.Errorf("%v reads as %v, %v", r, again, err)
		}
	})
}

func FuzzValues(f *testing.F) {
	f.Add([]byte(`[1,"max",2.5]`))
	f.Add([]byte(`"max"`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var v Values[Rate]
		if json.Unmarshal(data, &v) != nil {
			return
		}
		back, err := json.Marshal(v)
		var again Values[Rate]
		if err != nil || json.Unmarshal(back, &again) != nil || len(again) != len(v) {
			t.Errorf("%s is written as %s, %v", data, back, err)
		}
	})
}
