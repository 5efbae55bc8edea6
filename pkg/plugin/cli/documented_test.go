package cli

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericiooptions"
)

// documented are the calls of the plugin in a document: in its indented blocks, and
// in code within the text.
func documented(text string) []string {
	var all []string
	joined := strings.ReplaceAll(text, "\\\n", " ")
	for line := range strings.Lines(joined) {
		if block, ok := strings.CutPrefix(line, "    "); ok {
			for _, part := range regexp.MustCompile(`[|;]|&&|\$\(`).Split(block, -1) {
				if i := strings.Index(part, "kubectl meshbench "); i >= 0 {
					all = append(all, part[i:])
				}
			}
		}
	}
	for _, span := range regexp.MustCompile("`(kubectl\\s+meshbench [^`]+)`").FindAllStringSubmatch(text, -1) {
		part, _, _ := strings.Cut(span[1], " | ")
		all = append(all, part)
	}
	return all
}

// words splits a call as a shell does, up to a redirection or a comment.
func wordsOf(call string) []string {
	var out []string
	for _, m := range regexp.MustCompile(`'([^']*)'|"([^"]*)"|([^\s'"]+)`).FindAllStringSubmatch(call, -1) {
		word := m[1] + m[2] + m[3]
		if m[3] == ">" || m[3] == "#" {
			break
		}
		out = append(out, strings.TrimRight(word, "),"))
	}
	return out[2:]
}

// Every call of the plugin that a document prints is one that the plugin takes:
// command, flags, and arguments that are not placeholders.
func TestEveryDocumentedCallIsOne(t *testing.T) {
	files, err := filepath.Glob("../../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	for _, file := range append(files, "../../../README.md", "../../../CONTRIBUTING.md") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, call := range documented(string(text)) {
			calls++
			if why := refused(wordsOf(call)); why != "" {
				t.Errorf("%s: %q: %s", filepath.Base(file), strings.TrimSpace(call), why)
			}
		}
	}
	if calls < 20 {
		t.Errorf("only %d calls are found", calls)
	}
	for _, bad := range []string{"kubectl meshbench chekc", "kubectl meshbench exp1 --rat 3", "kubectl meshbench exp9",
		"kubectl meshbench compare one.json", "kubectl meshbench exp1 --rounds many"} {
		if refused(wordsOf(bad)) == "" {
			t.Errorf("%q is taken for a call", bad)
		}
	}
}

// refused is why the plugin does not take a call; empty if it does.
func refused(args []string) string {
	for i, a := range args { // what stands for something
		args[i] = strings.NewReplacer("…", "x", "...", "x", "RUN", "run", "[", "", "]", "").Replace(a)
	}
	root := newRoot(newApp("v1.2.3", genericiooptions.IOStreams{}))
	c, rest, err := root.Find(args)
	if err != nil {
		return err.Error()
	}
	if c == root && !strings.HasPrefix(args[0], "-") && args[0] != "completion" && args[0] != "NAME" {
		return "there is no such command"
	}
	if err := c.ParseFlags(rest); err != nil && !errors.Is(err, pflag.ErrHelp) {
		return err.Error()
	}
	positional := c.Flags().Args()
	if slices.ContainsFunc(positional, func(a string) bool { return a == strings.ToUpper(a) && a != "" }) {
		return "" // placeholders may stand for several
	}
	if c.Args != nil {
		if err := c.Args(c, positional); err != nil {
			return err.Error()
		}
	}
	return ""
}
