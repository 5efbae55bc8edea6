package term

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// JSON writes a value as JSON that steers no terminal: what encoding/json leaves as
// it is (the control characters above ASCII, and those that turn text around) is
// escaped, and reads as the same.
func JSON(out io.Writer, v any) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(v); err != nil {
		return err
	}
	whole := text.Bytes()
	for len(whole) > 0 {
		at := bytes.IndexFunc(whole, steersInJSON)
		if at < 0 {
			break
		}
		if _, err := out.Write(whole[:at]); err != nil {
			return err
		}
		c, size := utf8.DecodeRune(whole[at:])
		for _, unit := range utf16.Encode([]rune{c}) {
			if _, err := fmt.Fprintf(out, `\u%04x`, unit); err != nil {
				return err
			}
		}
		whole = whole[at+size:]
	}
	_, err := out.Write(whole)
	return err
}

// steersInJSON leaves out what encoding/json has escaped itself.
func steersInJSON(c rune) bool {
	return c >= 0x7f && (unicode.IsControl(c) || unicode.Is(unicode.Cf, c))
}
