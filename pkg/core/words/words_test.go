package words

import (
	"math"
	"testing"
)

func TestNumbersAreWrittenInOneWay(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -999: "-999", -1234: "-1,234",
		1234567: "1,234,567", math.MinInt64: "-9,223,372,036,854,775,808"} {
		if got := Thousands(n); got != want {
			t.Errorf("%d is written %q, want %q", n, got, want)
		}
	}
	if one, many := Count(1, "round", "rounds"), Count(2000, "round", "rounds"); one != "1 round" ||
		many != "2,000 rounds" {
		t.Errorf("got %q and %q", one, many)
	}
}

func TestCapitalTouchesTheFirstLetterOnly(t *testing.T) {
	for text, want := range map[string]string{"": "", "node proxies": "Node proxies", "éa": "Éa", "\xffa": "\xffa", "p99": "P99"} {
		if got := Capital(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}
