// Package term knows what a terminal can show: colours, its width, and what
// must never reach it.
package term

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/term"
)

// ColorMode says when colours are used.
type ColorMode string

// The modes; ColorAuto asks the terminal and the environment.
const (
	ColorAuto   ColorMode = "auto"
	ColorAlways ColorMode = "always"
	ColorNever  ColorMode = "never"
)

// ParseColorMode reads a --color flag.
func ParseColorMode(s string) (ColorMode, error) {
	switch m := ColorMode(s); m {
	case ColorAuto, ColorAlways, ColorNever:
		return m, nil
	}
	return "", fmt.Errorf("--color is %q, want auto, always or never", s)
}

// Style is how text is shown. The zero value is plain text of DefaultColumns.
type Style struct {
	Color bool
	// Columns is the width of the terminal; 0 where there is none.
	Columns int
}

// DefaultColumns is the width of text that goes to no terminal.
const DefaultColumns = 80

// Width is the number of columns to fill.
func (s Style) Width() int {
	if s.Columns <= 0 {
		return DefaultColumns
	}
	return s.Columns
}

// Detect returns the style for a stream. In mode auto there is colour on a
// terminal, unless NO_COLOR is set or TERM is dumb. COLUMNS, where it is a number,
// is the width of whatever text goes to.
func Detect(out io.Writer, mode ColorMode, getenv func(string) string) Style {
	s := Style{Color: mode == ColorAlways}
	if columns, err := strconv.Atoi(getenv("COLUMNS")); err == nil && columns > 0 {
		s.Columns = columns
	}
	file, ok := out.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return s
	}
	if columns, _, err := term.GetSize(int(file.Fd())); err == nil && s.Columns == 0 {
		s.Columns = columns
	}
	if mode == ColorAuto {
		s.Color = getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
	}
	return s
}

// Bold is for what leads. Like all of these it is the plain text in a style
// without colour.
func (s Style) Bold(text string) string { return s.paint("1", text) }

// Dim is for context.
func (s Style) Dim(text string) string { return s.paint("2", text) }

// Red is for what got worse, or forbids a comparison.
func (s Style) Red(text string) string { return s.paint("31", text) }

// Yellow is for what qualifies a number.
func (s Style) Yellow(text string) string { return s.paint("33", text) }

// Green is for what got better.
func (s Style) Green(text string) string { return s.paint("32", text) }

func (s Style) paint(code, text string) string {
	if !s.Color || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// Len is the number of columns that a text without colours takes.
func Len(text string) int { return utf8.RuneCountInString(text) }

// Clean replaces what could steer a terminal or turn text around. Names in a
// report may come from anywhere.
func Clean(text string) string {
	if isPlain(text) {
		return text
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError {
			return '?'
		}
		return r
	}, text)
}

// isPlain reports whether a text is of nothing but ASCII's visible characters, as
// nearly all are.
func isPlain(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// CleanLines is Clean for a text of several lines.
func CleanLines(text string) string {
	var b strings.Builder
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			b.WriteByte('\n')
		}
		for j, cell := range strings.Split(line, "\t") {
			if j > 0 {
				b.WriteByte('\t')
			}
			b.WriteString(Clean(cell))
		}
	}
	return b.String()
}

// Wrap breaks a text at spaces into lines of at most width columns; a word
// that is longer gets a line of its own.
func Wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case Len(line)+1+Len(word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	return append(lines, line)
}
