package report

import (
	"strings"
	"testing"
)

const good = `{"apiVersion":"meshbench.dev/v1alpha1","kind":"Report","metadata":{"name":"r"},"arms":[{"name":"a","namespace":"a","role":"baseline"}],"trials":[{"id":"t","arm":"a"}]}`

func TestReadsJSONAndYAML(t *testing.T) {
	for _, text := range []string{good, "apiVersion: meshbench.dev/v1alpha1\nkind: Report\nmetadata: {name: r}\narms: [{name: a, namespace: a, role: baseline}]\n"} {
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
