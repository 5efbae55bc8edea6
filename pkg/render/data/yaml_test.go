package data

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

func yamlOf(t testing.TB, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	w := yamlWriter{in: data}
	w.node(0, atStart)
	return string(w.out)
}

func TestYAMLIsInBlocks(t *testing.T) {
	got := yamlOf(t, map[string]any{
		"a":     []any{map[string]any{"x": 1, "y": []any{}}, []any{"in", "a list"}},
		"b":     map[string]any{"c": nil, "d": map[string]any{}},
		"image": "example.org/worker:v1", "numbers": []float64{1, -2.5, 1e-9}, "on": "on", "text": "two: words",
		"when": "2026-01-02",
	})
	want := `a:
- x: 1
  "y": []
- - in
  - a list
b:
  c: null
  d: {}
image: example.org/worker:v1
numbers: [1, -2.5, 1e-9]
"on": "on"
text: "two: words"
when: "2026-01-02"
`
	if got != want {
		t.Errorf("got\n%s", got)
	}
}

// FuzzYAML holds what is written to what the library reads.
func FuzzYAML(f *testing.F) {
	for _, text := range []string{
		`{"a":[1,2,{"b":null}],"c":"x"}`,
		`["- a","? b",": c","#d","e #f","g: h","i:","'", "\u0085","\ufeff","\u2028","\u007f","\ud83d\ude00","\ue000"]`,
		`"~"`, `[[[]],{}]`, `"0x1"`, `".inf"`, `"1e3"`, `"<<"`, `{"":""}`, `"a\nb\t"`, `"NULL"`, `[true,false,-0.5e-7]`,
		`{"<<":{"a":1}}`, `"a\\"`, `"---"`, `"12:30:45"`,
	} {
		f.Add(text)
	}
	f.Add(`{"a":{"` + strings.Repeat("long ", 500) + `":{"b":[{"c":1}]},"` + strings.Repeat("k", 2000) + `":"v"}}`)
	f.Fuzz(func(t *testing.T, text string) {
		var v any
		if json.Unmarshal([]byte(text), &v) != nil {
			return
		}
		var got any
		written := yamlOf(t, v)
		if err := yaml.Unmarshal([]byte(written), &got); err != nil {
			t.Fatalf("%s is written as %q: %v", text, written, err)
		}
		if !reflect.DeepEqual(got, v) {
			t.Errorf("%s is written as %q and read as %v", text, written, got)
		}
	})
}
