package foreign_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/core/foreign"
)

// read reads a file of testdata, which fortio 1.66.5 wrote of its own echo server.
func read(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// What fortio says of percentiles is what we read, where samples carry it.
func TestPercentilesAreFortiosOwn(t *testing.T) {
	for file, want := range map[string]foreign.Result{
		"http.json": {Label: "echo over HTTP", Kind: "HTTP", Requested: "200", Connections: 4, Requests: 1200},
		"slow.json": {Label: "echo that fails", Kind: "HTTP", Requested: "100", Connections: 4, Requests: 300},
		"grpc.json": {Label: "127.0.0.1:18079 , host", Kind: "GRPC Ping", Requested: "max", Connections: 2, Requests: 4000},
	} {
		data := read(t, file)
		all, err := foreign.Fortio(data, file)
		if err != nil || len(all) != 1 {
			t.Fatalf("%s: %+v, %v", file, all, err)
		}
		r := all[0]
		if r.Label != want.Label || !strings.HasPrefix(r.Kind, want.Kind) || r.Requested != want.Requested ||
			r.Connections != want.Connections || r.Requests != want.Requests || r.From != file || r.StartedAt.IsZero() {
			t.Errorf("%s: %+v", file, r)
		}
		var own struct {
			DurationHistogram struct {
				Percentiles []struct{ Percentile, Value float64 }
			}
		}
		if err := json.Unmarshal(data, &own); err != nil {
			t.Fatal(err)
		}
		checked := 0
		for _, p := range own.DurationHistogram.Percentiles {
			name := "p" + strings.TrimSuffix(jsonNumber(p.Percentile), ".0")
			got, ok := r.Percentiles[name]
			if carried := float64(r.Requests)*(1-p.Percentile/100) >= 10-1e-9; ok != carried {
				t.Errorf("%s: %s is there: %t, with %d requests", file, name, ok, r.Requests)
			}
			if !ok {
				continue
			}
			checked++
			if math.Abs(got.Seconds-p.Value) > 1e-9 || got.LowSeconds > got.Seconds || got.HighSeconds < got.Seconds {
				t.Errorf("%s: %s is %+v, fortio says %g", file, name, got, p.Value)
			}
		}
		if checked < 3 {
			t.Errorf("%s: %d percentiles were compared", file, checked)
		}
	}
}

func jsonNumber(v float64) string {
	text, _ := json.Marshal(v)
	return string(text)
}

func TestFailedRequestsAreAShare(t *testing.T) {
	for file, want := range map[string][2]float64{"http.json": {0, 0}, "slow.json": {0.05, 0.2}, "grpc.json": {0, 0}} {
		all, err := foreign.Fortio(read(t, file), file)
		if err != nil {
			t.Fatal(err)
		}
		if got := all[0].FailedRatio; got == nil || *got < want[0] || *got > want[1] {
			t.Errorf("%s: %v, want between %v", file, got, want)
		}
	}
	without := strings.Replace(string(read(t, "http.json")), `"RetCodes"`, `"Others"`, 1)
	all, err := foreign.Fortio([]byte(without), "x")
	if err != nil || all[0].FailedRatio != nil {
		t.Errorf("codes that are not there are %v, %v", all[0].FailedRatio, err)
	}
}

func TestAnArrayIsSeveralResults(t *testing.T) {
	both := "[" + string(read(t, "http.json")) + "," + string(read(t, "grpc.json")) + "]"
	if all, err := foreign.Fortio([]byte(both), "x"); err != nil || len(all) != 2 || all[1].Requests != 4000 {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestWhatIsNoResultIsRefused(t *testing.T) {
	good := string(read(t, "http.json"))
	for name, c := range map[string][2]string{
		"no JSON":              {"fortio", "no JSON of fortio"},
		"another document":     {`{"kind": "Report"}`, "RunType and DurationHistogram"},
		"a count that is off":  {strings.Replace(good, `"Count": 1200`, `"Count": 1201`, 1), "its count says 1201"},
		"a negative bucket":    {strings.Replace(good, `"Count": 1047`, `"Count": -1047`, 1), "buckets that are none"},
		"a bucket that is off": {strings.Replace(good, `"Start": 0.000079729`, `"Start": 7`, 1), "buckets that are none"},
		"a negative rate":      {strings.Replace(good, `"ActualQPS": 199`, `"ActualQPS": -199`, 1), "count says"},
	} {
		if all, err := foreign.Fortio([]byte(c[0]), "x.json"); err == nil || !strings.Contains(err.Error(), c[1]) ||
			!strings.HasPrefix(err.Error(), "x.json: ") {
			t.Errorf("%s: %+v, %v, want %q", name, all, err, c[1])
		}
	}
}

func FuzzFortio(f *testing.F) {
	for _, name := range []string{"http.json", "slow.json", "grpc.json"} {
		f.Add(read(f, name))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		all, err := foreign.Fortio(data, "x")
		if err != nil {
			return
		}
		for _, r := range all {
			if r.Requests < 0 || r.FailedRatio != nil && !(*r.FailedRatio >= 0 && *r.FailedRatio <= 1) {
				t.Errorf("%+v", r)
			}
			for name, p := range r.Percentiles {
				if !(p.LowSeconds <= p.Seconds && p.Seconds <= p.HighSeconds) {
					t.Errorf("%s: %+v", name, p)
				}
			}
			if _, err := json.Marshal(r); err != nil {
				t.Error(err)
			}
		}
	})
}
