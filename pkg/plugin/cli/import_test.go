package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestResultsOfFortioAreTabled(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	result := func(qps, count string) string {
		return `{"RunType":"HTTP","Labels":"","RequestedQPS":"max","ActualQPS":` + qps + `,"ActualDuration":10000000000,
"NumThreads":32,"DurationHistogram":{"Count":` + count + `,"Data":[{"Start":0.001,"End":0.002,"Count":1500},
{"Start":0.002,"End":0.004,"Count":500}]},"RetCodes":{"200":1990,"503":10}}`
	}
	plain, meshy := write("plain.json", result("1000", "2000")), write("meshy.json", result("250.5", "2000"))
	// Its own output is read, too.
	own := filepath.Join(dir, "own.json")
	if _, stderr, code := invoke(t, "", "report", storedReport(t, 1, 1.5, nil), "-o", "fortio="+own); code != exitOK {
		t.Fatal(stderr)
	}
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{plain, meshy}, exitOK, "0.25"},
		{[]string{plain, meshy}, exitOK, "nothing is paired"},
		{[]string{plain}, exitOK, "3.92 ms"},
		{[]string{plain, "-o", "json"}, exitOK, `"failedRatio": 0.005`},
		{[]string{own}, exitOK, "exp1"},
		{[]string{write("odd.json", result("1", "7"))}, exitUsage, "its count says 7"},
		{[]string{write("report.json", `{"kind":"Report"}`)}, exitUsage, "no RunType"},
		{[]string{write("none.json", `[]`)}, exitUsage, "no result"},
		{[]string{write("broken.json", `{`)}, exitUsage, "no JSON of fortio"},
		{[]string{filepath.Join(dir, "gone.json")}, exitUsage, "gone.json"},
	} {
		stdout, stderr, code := invoke(t, "", append([]string{"import"}, c.args...)...)
		if code != c.code || !strings.Contains(stdout+stderr, c.says) {
			t.Errorf("%v: exit code %d, want %d; said %s\n%s\nwant %q", c.args, code, c.code, stdout, stderr, c.says)
		}
	}
}
