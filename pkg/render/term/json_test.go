package term

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode"
)

func TestJSONSteersNoTerminal(t *testing.T) {
	for _, text := range []string{"", "plain", "ü 😀", "\x1b[2J\x07\r\n", "\u009b31m", "\x7f",
		"a\u202eb", "\U000e0001", "\ufeff"} {
		var out bytes.Buffer
		if err := JSON(&out, []string{text}); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsFunc(out.String(), func(c rune) bool {
			return c != '\n' && (unicode.IsControl(c) || unicode.Is(unicode.Cf, c))
		}) {
			t.Errorf("%q is written as %q", text, out.String())
		}
		var back []string
		if err := json.Unmarshal(out.Bytes(), &back); err != nil || back[0] != text {
			t.Errorf("%q is read back as %q, %v", text, back, err)
		}
	}
}
