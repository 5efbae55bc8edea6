package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

// sessions are files of one directory, one a day.
func sessions(t *testing.T, ratios ...float64) string {
	t.Helper()
	dir := t.TempDir()
	for i, r := range fixture.Sessions(ratios...) {
		data, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%02d.json", i)), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "notes.txt"), []byte("no report"), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestTrendsAndTheirGate(t *testing.T) {
	steady := sessions(t, .70, .71, .69, .70, .705, .695, .70, .71, .69, .70, .70, .705)
	worse := sessions(t, .70, .71, .69, .70, .705, .695, .60, .61, .59, .60, .60, .605)
	few, none := sessions(t, .7, .71, .69), t.TempDir()
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{steady}, exitOK, "STEADY"},
		{[]string{worse}, exitOK, "WORSE"},
		{[]string{worse, "--gate"}, exitBreached, "1 of 1 lines became worse"},
		{[]string{steady, "--gate"}, exitOK, "x0.70"},
		{[]string{few, "--gate"}, exitInconclusive, "3 sessions, and a change"},
		{[]string{few, "--gate", "--inconclusive", "pass"}, exitOK, "lets pass"},
		{[]string{worse, "--gate", "--reference", "run-00"}, exitBreached, "x0.86 (0.84..0.88)"},
		{[]string{worse, "--gate", "--reference", "run-07"}, exitOK, "STEADY"},
		{[]string{worse, "--gate", "--min-change", "40%"}, exitOK, "STEADY"},
		{[]string{worse, "-o", "wide"}, exitOK, "> run-06"},
		{[]string{worse, "-o", "html"}, exitOK, "<svg"},
		{[]string{worse, "-o", "prometheus"}, exitOK, "meshbench_trend_worse{"},
		{[]string{worse, "-o", "json"}, exitOK, `"word": "worse"`},
		{[]string{none}, exitUsage, "holds no report"},
		{nil, exitUsage, "no finished run is kept here"},
		{[]string{worse, "-o", "xml"}, exitUsage, "want one of table"},
		{[]string{worse, "--min-change", "2"}, exitUsage, "such as 5%"},
	} {
		stdout, stderr, code := invoke(t, "", append([]string{"trend"}, c.args...)...)
		if code != c.code || !strings.Contains(stdout+stderr, c.says) {
			t.Errorf("%v: exit code %d, want %d; said %s\n%s\nwant %q", c.args, code, c.code, stdout, stderr, c.says)
		}
	}
}

func TestSeveralReportsArePutTogether(t *testing.T) {
	dir := sessions(t, .70, .74, .69, .72)
	file := func(i int) string { return filepath.Join(dir, fmt.Sprintf("%02d.json", i)) }
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{file(0), file(1), file(2), file(3)}, exitOK, "x0.71 (0.68..0.75)"},
		{[]string{file(0), file(1)}, exitOK, "x0.72, inconclusive"},
		{[]string{file(0), file(1), "-o", "json"}, exitOK, `"betweenRatio"`},
		{[]string{file(0), file(0)}, exitInconclusive, "given twice"},
		{[]string{file(0), file(1), "-o", "html"}, exitUsage, "want one of table, json, yaml"},
		{[]string{file(0), file(1), "--slo", "p99 < 1s"}, exitUsage, "give one"},
	} {
		stdout, stderr, code := invoke(t, "", append([]string{"report"}, c.args...)...)
		if code != c.code || !strings.Contains(stdout+stderr, c.says) {
			t.Errorf("%v: exit code %d, want %d; said %s\n%s\nwant %q", c.args, code, c.code, stdout, stderr, c.says)
		}
	}
}
