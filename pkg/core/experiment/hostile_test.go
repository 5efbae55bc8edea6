package experiment

import (
	"fmt"
	"strings"
	"testing"
)

// A document of a megabyte is refused with few words, whatever fills it.
func TestHostileDocumentsAreRefusedSoon(t *testing.T) {
	var numbers, laughs strings.Builder
	for i := range 130_000 {
		fmt.Fprintf(&numbers, "%d,", i+1)
	}
	fmt.Fprint(&laughs, "a0: &a0 [x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 12; i++ {
		fmt.Fprintf(&laughs, "a%d: &a%d [%s]\n", i, i,
			strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9), ", "))
	}
	for name, document := range map[string]string{
		"many values":      head + "spec: {factors: {connections: [" + numbers.String() + "]}}",
		"one value, often": head + "spec: {factors: {rate: [" + strings.Repeat("7,", 100_000) + "]}}",
		"many objectives":  head + "spec: {slos: [" + strings.Repeat("x,", 100_000) + "]}",
		"a billion laughs": laughs.String() + head,
		"deep brackets":    head + "spec: {slos: " + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + "}",
		"an absurd limit":  head + `spec: {load: {cpuLimit: "1E999999999"}}`,
		"an escaped one":   head + `spec: {load: {cpuLimit: "1\x45999999999"}}`,
		"a bare one":       head + `spec: {target: {memory: 1E999999999}}`,
		"deep objects":     head + "spec: " + strings.Repeat("{a: ", 100_000) + "1" + strings.Repeat("}", 100_000),
	} {
		e, err := Parse([]byte(document))
		if err == nil {
			_, err = Resolve(e)
		}
		if err == nil {
			t.Errorf("%s: is taken", name)
			continue
		}
		if len(err.Error()) > 10_000 {
			t.Errorf("%s: an error of %d bytes", name, len(err.Error()))
		}
	}
}
