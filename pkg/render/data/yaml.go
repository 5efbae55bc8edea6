package data

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/effect"
	"github.com/meshbench/kubectl-meshbench/pkg/core/slope"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// YAML writes what JSON writes, in its order. The library that reads
// YAML here writes it by way of JSON, a parse of that and a tree, which takes
// seconds where a report has a thousand trials.
func YAML(out io.Writer, r v1alpha1.Report, _ term.Style) error {
	r.Effects, r.Slopes = effect.Of(r), slope.Of(r)
	return ValueYAML(out, r)
}

// yamlWriter turns JSON into YAML, in blocks but for lists of numbers. The JSON
// must be as encoding/json makes it: valid, without space between its tokens.
type yamlWriter struct {
	in, out []byte
}

// place is what stands before a node on its line.
type place int

const (
	atStart place = iota
	afterKey
	afterDash
)

// longestKey is what a key on the line of its value may have; YAML's own limit
// is 1024 characters.
const longestKey = 512

// node writes the next value; indent is of the key or dash it belongs to.
func (w *yamlWriter) node(indent int, at place) {
	switch {
	case bytes.HasPrefix(w.in, []byte("{}")), bytes.HasPrefix(w.in, []byte("[]")):
		w.scalar(string(w.take(2)), at)
	case w.in[0] == '{':
		if at != atStart {
			indent += 2
		}
		w.each(indent, at, func() {
			key := yamlString(w.token())
			if len(key) > longestKey {
				key = "? " + key + "\n" + strings.Repeat(" ", indent)
			}
			w.out = append(append(w.out, key...), ':')
			w.take(1)
			w.node(indent, afterKey)
		})
	case w.in[0] == '[':
		if n := numbers(w.in); n > 0 {
			w.scalar(string(bytes.ReplaceAll(w.take(n), []byte(","), []byte(", "))), at)
			return
		}
		if at == afterDash {
			indent += 2
		}
		w.each(indent, at, func() {
			w.out = append(w.out, '-')
			w.node(indent, afterDash)
		})
	default:
		token := w.token()
		if token[0] == '"' {
			token = yamlString(token)
		}
		w.scalar(token, at)
	}
}

// each writes the members of an object or list on lines of their own; the first
// may stand behind a dash.
func (w *yamlWriter) each(indent int, at place, member func()) {
	if at == afterKey {
		w.out = append(w.out, '\n')
	}
	for first := true; ; first = false {
		w.take(1) // the opening bracket or a comma
		if first && at == afterDash {
			w.out = append(w.out, ' ')
		} else {
			for range indent {
				w.out = append(w.out, ' ')
			}
		}
		member()
		if w.in[0] != ',' {
			w.take(1)
			return
		}
	}
}

func (w *yamlWriter) scalar(text string, at place) {
	if at != atStart {
		w.out = append(w.out, ' ')
	}
	w.out = append(append(w.out, text...), '\n')
}

func (w *yamlWriter) take(n int) []byte {
	taken := w.in[:n]
	w.in = w.in[n:]
	return taken
}

// token takes a string with its quotes, a number or a word.
func (w *yamlWriter) token() string {
	if w.in[0] != '"' {
		end := bytes.IndexAny(w.in, ",]}")
		if end < 0 {
			end = len(w.in)
		}
		return string(w.take(end))
	}
	end := 1
	for ; w.in[end] != '"'; end++ {
		if w.in[end] == '\\' {
			end++
		}
	}
	return string(w.take(end + 1))
}

// numbers is how long the list is that text begins with, if it holds numbers
// only; else 0.
func numbers(text []byte) int {
	for i, c := range text[1:] {
		switch {
		case c == ']':
			return i + 2
		case c >= '0' && c <= '9', c == ',', c == '.', c == '-', c == '+', c == 'e', c == 'E':
		default:
			return 0
		}
	}
	return 0
}

// yamlString writes a JSON string as YAML: bare where nobody could read it as
// anything else, in quotes else. A string of JSON is one of YAML but for a few
// characters that YAML wants escaped.
func yamlString(quoted string) string {
	if bare := quoted[1 : len(quoted)-1]; isBare(bare) {
		return bare
	}
	wants := func(c rune) bool { return c >= utf8.RuneSelf && !unicode.IsPrint(c) || c == 0x7f }
	if !strings.ContainsFunc(quoted, wants) {
		return quoted
	}
	var b strings.Builder
	for _, c := range quoted {
		switch {
		case !wants(c):
			b.WriteRune(c)
		case c > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, c)
		default:
			fmt.Fprintf(&b, `\u%04x`, c)
		}
	}
	return b.String()
}

// isBare is strict: what begins with a letter and is no word of YAML cannot be
// a number, a time or a mark.
func isBare(text string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	if text == "" || !strings.Contains(letters, text[:1]) || text[len(text)-1] == ' ' || text[len(text)-1] == ':' {
		return false
	}
	for i := range len(text) {
		c := text[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte(" _./-+=,;()%", c) >= 0:
		case c == ':' && text[i+1] != ' ':
		default:
			return false
		}
	}
	words := []string{"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
	return len(text) > 5 || !slices.Contains(words, strings.ToLower(text))
}
