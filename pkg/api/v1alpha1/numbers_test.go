package v1alpha1_test

import (
	"encoding/json"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

func TestAbsurdNumbersAreRefused(t *testing.T) {
	for document, ok := range map[string]bool{
		`{"cpuLimit":"1E999999999"}`:                          false,
		`{"cpuLimit":"1e-999999999"}`:                         false,
		`{"cpuLimit":1E999999999}`:                            false,
		`{"cpuLimit": " 1E+0001000 "}`:                        false,
		`[1.5e99999]`:                                         false,
		`{"memory":"` + strings.Repeat("9", 100_000) + `"}`:   false,
		`{"memory":"` + strings.Repeat("9", 100_000) + `Mi"}`: false,
		`{"cpuLimit":"1E999"}`:                                true,
		`{"memory":"512Mi","cpu":1.5e-9,"n":-12}`:             true,
		`{"data":"HISTFAAA7E99999abc"}`:                       true,
		`{"data":"` + strings.Repeat("1", 100) + `abcdef=="}`: true,
		`{"startedAt":"2026-11-26T19:00:00.000000000Z"}`:      true,
		`{"digest":"sha256:` + strings.Repeat("1", 64) + `"}`: true,
	} {
		if err := v1alpha1.CheckNumbers([]byte(document)); (err == nil) != ok {
			t.Errorf("%.60s: error %v, want it accepted: %v", document, err, ok)
		}
	}
}

func FuzzCheckNumbers(f *testing.F) {
	f.Add(`"1E999999999"`)
	f.Add(`"100m"`)
	f.Add(`-1.5e99`)
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 200 || v1alpha1.CheckNumbers([]byte(text)) != nil {
			return
		}
		var q resource.Quantity
		_ = json.Unmarshal([]byte(text), &q) // the fuzzer tells if that hangs
	})
}
