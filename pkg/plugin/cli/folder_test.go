package cli

import (
	"encoding/csv"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAReportIsWrittenAsFolders(t *testing.T) {
	file, dir := pricedReport(t), t.TempDir()
	tables, figures := filepath.Join(dir, "tables")+"/", filepath.Join(dir, "figures")
	stdout, stderr, code := invoke(t, "", "report", file, "-o", "csv="+tables, "-o", "figures="+figures)
	if code != exitOK || stdout != "" {
		t.Fatalf("exit code %d, %q, %s", code, stdout, stderr)
	}
	for _, name := range []string{"observations", "comparisons", "effects", "slopes", "seconds"} {
		data, err := os.ReadFile(filepath.Join(tables, name+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(strings.NewReader(string(data))).ReadAll()
		if err != nil || len(rows) < 2 && name != "seconds" && name != "slopes" || rows[0][0] != "run" {
			t.Errorf("%s has %d rows: %v", name, len(rows), err)
		}
	}
	drawn, err := os.ReadDir(figures)
	if err != nil || len(drawn) < 20 {
		t.Fatalf("%d figures: %v", len(drawn), err)
	}
	for _, f := range drawn {
		data, err := os.ReadFile(filepath.Join(figures, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if text := string(data); !strings.Contains(text, "run 260102-030405-abcd") || strings.Contains(text, "var(") {
			t.Errorf("%s does not stand alone:\n%.300s", f.Name(), text)
		}
		for d := xml.NewDecoder(strings.NewReader(string(data))); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s is no XML: %v", f.Name(), err)
			}
		}
	}
	for _, c := range [][]string{{"-o", "figures="}, {"-o", "figures"}} {
		if _, stderr, code := invoke(t, "", append([]string{"report", file}, c...)...); code != exitUsage ||
			!strings.Contains(stderr, "no directory") {
			t.Errorf("%v: exit code %d, %s", c, code, stderr)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "run.csv")); err == nil {
		t.Error("a file is there already")
	}
	if _, _, code := invoke(t, "", "report", file, "-o", "csv="+filepath.Join(dir, "run.csv")); code != exitOK {
		t.Errorf("a file of CSV: exit code %d", code)
	}
	if info, err := os.Stat(filepath.Join(dir, "run.csv")); err != nil || info.IsDir() {
		t.Errorf("a file of CSV: %v, %v", info, err)
	}
}
