package survey

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// docs/thesis.md says what became of every promise, table and figure.
func TestThePageOnTheThesisNamesEverythingInIt(t *testing.T) {
	data, err := os.ReadFile("../../../docs/thesis.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(data)
	var want []string
	count := func(format string, first, last int) {
		for n := first; n <= last; n++ {
			want = append(want, fmt.Sprintf(format, n))
		}
	}
	count("RQ%d ", 1, 3)
	count("contribution %d,", 1, 6)
	count("Table 3.%d", 1, 10)
	count("F%d ", 1, 6)
	count("Figure 3.%d", 1, 5)
	count("O%d ", 1, 6)
	count("S%d ", 1, 3)
	count("UC%d ", 1, 5)
	count("FR%d ", 1, 7)
	count("Figure 4.%d", 1, 2)
	want = append(want, "Table 4.1")
	count("Table 5.%d", 1, 9)
	count("Figure 5.%d", 1, 15)
	count("Figure A.%d", 1, 3)
	count("M%d ", 1, 4)
	count("threat %d,", 1, 4)
	count("| %d ", 1, 5)
	for _, w := range want {
		if !regexp.MustCompile(regexp.QuoteMeta(w) + `(\D|$)`).MatchString(page) {
			t.Errorf("docs/thesis.md does not name %q", strings.TrimSpace(w))
		}
	}
	for line := range strings.Lines(page) {
		if cells := strings.Split(strings.TrimSpace(line), " | "); strings.HasPrefix(line, "| ") && len(cells) != 2 {
			t.Errorf("not two cells: %s", line)
		}
	}
}
