package term

import (
	"bytes"
	"slices"
	"testing"
)

func TestCleanLeavesNothingThatSteersATerminal(t *testing.T) {
	if got := Clean("a\x1b[31mred\r\nb\u202etext\x00 é"); got != "a?[31mred??b?text? é" {
		t.Errorf("got %q", got)
	}
}

func TestWrap(t *testing.T) {
	got := Wrap("one two  three incomprehensibilities four", 9)
	want := []string{"one two", "three", "incomprehensibilities", "four"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestColourIsOnlyThereWhenAskedFor(t *testing.T) {
	var notATerminal bytes.Buffer
	none := func(string) string { return "" }
	if Detect(&notATerminal, ColorAuto, none).Color {
		t.Error("a pipe has colour")
	}
	s := Detect(&notATerminal, ColorAlways, none)
	if s.Bold("x") != "\x1b[1mx\x1b[0m" || (Style{}).Bold("x") != "x" {
		t.Error("bold is not bold, or plain is not plain")
	}
	if _, err := ParseColorMode("sometimes"); err == nil {
		t.Error("an unknown mode is accepted")
	}
}

func TestColumnsIsTheWidth(t *testing.T) {
	var notATerminal bytes.Buffer
	for text, want := range map[string]int{"": DefaultColumns, "132": 132, "0": DefaultColumns, "-4": DefaultColumns,
		"wide": DefaultColumns} {
		env := func(name string) string { return map[string]string{"COLUMNS": text}[name] }
		if got := Detect(&notATerminal, ColorAuto, env).Width(); got != want {
			t.Errorf("COLUMNS=%q: %d columns, want %d", text, got, want)
		}
	}
}
