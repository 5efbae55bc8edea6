package report

import (
	"strings"
	"testing"
)

const good = `{"apiVersion":"meshbench.dev/v1alpha1","kind":"Report","metadata":{"name":"r"},"arms":[{"name":"a","namespace":"a","role":"baseline"}],"trials":[{"id":"t","arm":"a"}]}`

func TestReadsJSONAndYAML(t *testing.T) {
	for _, text := range []string{good,
		"apiVersion: meshbench.dev/v1alpha1\nkind: Report\nmetadata: {name: r}\narms: [{name: a, namespace: a, role: baseline}]\n"} {
		r, err := Read(strings.NewReader(text), "file")
		if err != nil || r.Arms[0].Name != "a" {
			t.Errorf("%.20s: %v", text, err)
		}
	}
}

func TestBadReportsGetOneLineWithThePlace(t *testing.T) {
	for _, c := range []struct{ name, text, says string }{
		{"empty", " \n", "is empty"},
		{"truncated", good[:len(good)-30], "byte"},
		{"other kind", `{"kind":"Pod","apiVersion":"v1"}`, `kind is "Pod"`},
		{"other version", strings.Replace(good, "v1alpha1", "v9", 1), "v9"},
		{"wrong type", strings.Replace(good, `"id":"t"`, `"id":["t"]`, 1), "trials.id"},
		{"no baseline", strings.Replace(good, `"baseline"`, `"meshed"`, 1), "no arm is the baseline"},
		{"unknown arm", strings.Replace(good, `"arm":"a"`, `"arm":"b"`, 1), "trials[0]"},
		{"unknown arm of a search", strings.Replace(good, `"trials"`, `"searches":[{"arm":"b"}],"trials"`, 1), "searches[0]"},
		{"search without ends", strings.Replace(good, `"trials"`, `"searches":[{"arm":"a","conclusive":true}],"trials"`, 1),
			"without both ends"},
		{"deep", strings.Repeat("[", 20_000), "neither JSON nor YAML"},
		{"bomb", "a: &a [x, x, x, x, x, x, x, x, x]\n" + bomb(9), "neither JSON nor YAML"},
		{"no document", "\x00\x01", "neither JSON nor YAML"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Read(strings.NewReader(c.text), "file.json")
			if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "file.json") {
				t.Fatalf("error is %v, want one that says %q", err, c.says)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("the error has several lines: %q", err)
			}
		})
	}
}

// bomb is a YAML document of aliases to aliases, nine each.
func bomb(depth int) string {
	var b strings.Builder
	for i := range depth {
		from, to := string(rune('a'+i)), string(rune('b'+i))
		b.WriteString(to + ": &" + to + " [" + strings.Repeat("*"+from+", ", 9) + "x]\n")
	}
	return b.String()
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte("kind: Report"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Parse(data)
		if err == nil && len(r.Arms) == 0 {
			t.Error("a report without arms is accepted")
		}
	})
}
