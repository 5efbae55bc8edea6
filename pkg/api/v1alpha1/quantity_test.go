package v1alpha1_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

func TestAbsurdQuantitiesAreRefused(t *testing.T) {
	for text, ok := range map[string]bool{
		`"1E999999999"`:                            false,
		`"1e-999999999"`:                           false,
		`"1E+0001000"`:                             false,
		`"` + strings.Repeat("9", 100_000) + `"`:   false,
		`"` + strings.Repeat("9", 100_000) + `Mi"`: false,
		`"\u0031E999999999"`:                       false,
		`1E999999999`:                              false,
		`"1E999"`:                                  true,
		`"512Mi"`:                                  true,
		`"250m"`:                                   true,
		`"2E"`:                                     true,
		`2`:                                        true,
		`1.5e-9`:                                   true,
		`"sixteen"`:                                false,
		`null`:                                     true,
	} {
		var pod v1alpha1.PodSize
		err := json.Unmarshal([]byte(`{"memory":`+text+`}`), &pod)
		if (err == nil) != ok {
			t.Errorf("%.60s: error %v, want it accepted: %v", text, err, ok)
		}
	}
}

// Ids and digests that begin like a number are none: a run whose key began with
// 7e12345 was kept and could not be read again.
func TestOnlyQuantitiesAreHeldToTheirLimits(t *testing.T) {
	var r v1alpha1.Report
	document := `{"metadata":{"name":"7e123456789-1234"},"image":"7e1234567890"}`
	if err := json.Unmarshal([]byte(document), &r); err != nil {
		t.Error(err)
	}
}

func TestQuantitiesAreWrittenAsTheyAreRead(t *testing.T) {
	for _, text := range []string{`"250m"`, `"2"`, `"128Mi"`, `"1500m"`} {
		var q v1alpha1.Quantity
		if err := json.Unmarshal([]byte(text), &q); err != nil {
			t.Fatal(err)
		}
		if got, err := json.Marshal(q); err != nil || string(got) != text {
			t.Errorf("%s is written as %s, %v", text, got, err)
		}
	}
}

func FuzzQuantity(f *testing.F) {
	f.Add(`"1E999999999"`)
	f.Add(`"100m"`)
	f.Add(`-1.5e99`)
	f.Fuzz(func(_ *testing.T, text string) {
		var q v1alpha1.Quantity
		_ = json.Unmarshal([]byte(text), &q) // the fuzzer tells if that hangs
	})
}
