package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/core/analyse"
	"github.com/meshbench/kubectl-meshbench/pkg/core/price"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

// pricedReport is the file of a report that has prices.
func pricedReport(t *testing.T) string {
	t.Helper()
	r, levels := fixture.Priced(5, nil)
	done, err := analyse.Complete(analyse.Input{Report: r, Levels: levels})
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(done)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "report.json")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestEstimateAnswersOffline(t *testing.T) {
	file, loop := pricedReport(t), storedReport(t, 1, 1.5, nil)
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{file}, exitOK, "for each 1,000 requests/s"},
		{[]string{file, "--rps", "20000", "--pods", "400"}, exitOK, "estimate for 20.0k requests/s, 1 hop"},
		{[]string{file, "--rps", "20000", "--pods", "400", "-o", "yaml"}, exitOK, "requestsPerSecond: 20000"},
		{[]string{file, "--rps", "20000", "--pods", "2"}, exitInconclusive, "outside the measured range"},
		{[]string{loop}, exitInconclusive, "four rates"},
		{[]string{file, "--rps", "0", "--pods", "2"}, exitUsage, "--rps is 0"},
		{[]string{file, "--rps", "NaN", "--pods", "2"}, exitUsage, "--rps is NaN"},
		{[]string{file, "--rps", "10"}, exitUsage, "--pods is 0"},
		{[]string{file, "--hops", "3"}, exitUsage, "--hops goes with --rps"},
		{[]string{file, "--rps", "10", "--pods", "2", "--price-cpu", "3"}, exitUsage, "go together"},
		{[]string{file, "--rps", "10", "--pods", "2", "--price-cpu", "a", "--price-memory", "1"}, exitUsage, "want a number"},
		{[]string{file, "-o", "xml"}, exitUsage, "want one of table, json, yaml"},
		{[]string{"gone.json"}, exitUsage, "gone.json"},
	} {
		stdout, stderr, code := invoke(t, "", append([]string{"estimate"}, c.args...)...)
		if code != c.code || !strings.Contains(stdout+stderr, c.says) {
			t.Errorf("%v: exit code %d, want %d; said %s\n%s\nwant %q", c.args, code, c.code, stdout, stderr, c.says)
		}
	}
	stdout, _, _ := invoke(t, "", "estimate", file, "--rps", "20000", "--pods", "400", "-o", "json")
	var sheet price.Sheet
	if err := json.Unmarshal([]byte(stdout), &sheet); err != nil || sheet.Estimates[0].Arms[0].Cores.Low == nil {
		t.Errorf("JSON is %s: %v", stdout, err)
	}
}
