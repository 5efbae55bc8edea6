package text_test

import (
	"os"
	"strings"
	"testing"
)

// The example that is explained to users is what the program writes.
func TestTheExplainedTableIsReal(t *testing.T) {
	doc, err := os.ReadFile("../../../docs/reading-results.md")
	if err != nil {
		t.Fatal(err)
	}
	table, err := os.ReadFile("testdata/clean.table")
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for line := range strings.Lines(string(doc)) {
		if text, indented := strings.CutPrefix(line, "    "); indented && lines < 9 {
			lines++
			if !strings.Contains("\n"+string(table), "\n"+text) {
				t.Errorf("not in the golden: %q", text)
			}
		}
	}
	if lines != 9 {
		t.Errorf("the example has %d lines", lines)
	}
}
