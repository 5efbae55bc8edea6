package factor

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// values are levels that differ in one factor only, by at least two values that
// the factor allows, found by trying what documents could say.
func values(t *testing.T, f Factor) []v1alpha1.Level {
	t.Helper()
	var out []v1alpha1.Level
	for _, text := range []string{"1", "2", "3", "0.5", `"1s"`, `"2s"`, `"http1"`, `"h2c"`, `"grpc"`, `"same-node"`,
		`"cross-node"`} {
		var spec v1alpha1.ExperimentSpec
		if json.Unmarshal(fmt.Appendf(nil, `{%q: %s}`, f.Name(), text), &spec.Factors) != nil {
			continue
		}
		allowed := true
		f.Check(spec.Factors, func(string, ...any) { allowed = false })
		if !allowed {
			continue
		}
		for _, other := range All() {
			other.Fill(&spec)
		}
		out = append(out, Levels(spec.Factors)...)
	}
	if len(out) < 2 {
		t.Fatalf("%s: want two values that are allowed, have %+v", f.Name(), out)
	}
	return out
}

// A factor that changes nothing would be swept, and its levels compared.
func TestEveryFactorChangesWhatTheWorkerIsTold(t *testing.T) {
	for _, f := range All() {
		all := values(t, f)
		for i, a := range all {
			for _, b := range all[:i] {
				if reflect.DeepEqual(Apply(a, 0), Apply(b, 0)) {
					t.Errorf("%s: two levels are told the same: %+v and %+v", f.Name(), a, b)
				}
				if f.Cell(a) == f.Cell(b) {
					t.Errorf("%s: two levels have %q in CSV", f.Name(), f.Cell(a))
				}
				if x, y := f.Rest(a), f.Rest(b); x != y || x.ID != "" {
					t.Errorf("%s: levels differ in more than it: %+v and %+v", f.Name(), x, y)
				}
			}
		}
	}
}

// A field without a row would be accepted and do nothing.
func TestEveryFieldOfADocumentHasItsRow(t *testing.T) {
	rows := map[string]bool{}
	for _, f := range All() {
		if rows[f.Name()] {
			t.Errorf("%s stands twice in the table", f.Name())
		}
		rows[f.Name()] = true
		if axis, ok := f.Axis(); ok && axis.Label == "" {
			t.Errorf("%s has an axis without a label", f.Name())
		}
	}
	for _, kind := range []reflect.Type{reflect.TypeFor[v1alpha1.Factors](), reflect.TypeFor[v1alpha1.Level]()} {
		fields := reflect.VisibleFields(kind)
		for _, field := range fields {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if name != "" && name != "id" && !rows[name] {
				t.Errorf("%s.%s has no row in the table", kind.Name(), field.Name)
			}
		}
	}
	text, err := json.Marshal(v1alpha1.Level{})
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Fatal(err)
	}
	for name := range rows {
		if _, ok := fields[name]; !ok {
			t.Errorf("factor %s has no field in a level: %s", name, text)
		}
	}
}

func TestPodsShareTheConnections(t *testing.T) {
	for clients := 1; clients <= 7; clients++ {
		l := v1alpha1.Level{Connections: 23, Clients: clients}
		sum := 0
		for client := range clients {
			sum += Apply(l, client).Spec.Connections
		}
		if sum != 23 {
			t.Errorf("%d pods have %d connections together, want 23", clients, sum)
		}
	}
}

func TestADeepCheckAsksForOneRequestOfTheKind(t *testing.T) {
	l := v1alpha1.Level{ID: "x", Protocol: v1alpha1.ProtocolGRPC, Rate: 100, Connections: 50, Clients: 4,
		Placement: v1alpha1.PlacementSameNode, Request: v1alpha1.Request{RequestBytes: 10, ResponseBytes: 20,
			RequestsPerConnection: 3, ServerDelay: v1alpha1.Duration{Duration: 1}, SlowRatio: 0.5, ErrorRatio: 0.1}}
	got := Levels(Deep(l))
	want := v1alpha1.Level{Protocol: l.Protocol, Connections: 1, Clients: 1, Placement: l.Placement,
		Request: v1alpha1.Request{RequestBytes: 10, ResponseBytes: 20, SlowRatio: 1}}
	if len(got) != 1 || got[0] != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestCeilingsBoundWhatIsNoEasier(t *testing.T) {
	ceiling := v1alpha1.Level{Connections: 32, Clients: 1, Request: v1alpha1.Request{ResponseBytes: 100}}
	for name, test := range map[string]struct {
		change func(*v1alpha1.Level)
		want   bool
	}{
		"the same":            {func(*v1alpha1.Level) {}, true},
		"larger bodies":       {func(l *v1alpha1.Level) { l.RequestBytes, l.ResponseBytes = 1, 101 }, true},
		"smaller bodies":      {func(l *v1alpha1.Level) { l.ResponseBytes = 99 }, false},
		"a rate":              {func(l *v1alpha1.Level) { l.Rate = 100 }, true},
		"another protocol":    {func(l *v1alpha1.Level) { l.Protocol = v1alpha1.ProtocolGRPC }, false},
		"fewer connections":   {func(l *v1alpha1.Level) { l.Connections = 31 }, false},
		"shorter connections": {func(l *v1alpha1.Level) { l.RequestsPerConnection = 1 }, false},
	} {
		other := ceiling
		test.change(&other)
		if Bounds(ceiling, other) != test.want {
			t.Errorf("%s: %t, want %t", name, !test.want, test.want)
		}
	}
}
