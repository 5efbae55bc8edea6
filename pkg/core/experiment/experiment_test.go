package experiment

import (
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

const head = "apiVersion: meshbench.dev/v1alpha1\nkind: Experiment\nmetadata: {name: x}\n"

func TestBuiltinExperimentsResolve(t *testing.T) {
	docs, err := Builtin()
	if err != nil || len(docs) == 0 {
		t.Fatalf("%d built-in experiments, %v", len(docs), err)
	}
	for _, d := range docs {
		resolved, err := Resolve(d.Experiment)
		if err != nil {
			t.Errorf("%s: %v", d.Experiment.Metadata.Name, err)
		}
		again, err := Resolve(resolved)
		if err != nil || len(Levels(again)) != len(Levels(resolved)) {
			t.Errorf("%s: resolving twice changes it: %v", d.Experiment.Metadata.Name, err)
		}
	}
}

func TestBadDocumentsNameTheField(t *testing.T) {
	tests := map[string]string{
		"kind: Pod": `kind is "Pod"`,
		"apiVersion: meshbench.dev/v9\nkind: Experiment": `apiVersion is "meshbench.dev/v9"`,
		head + "spec: {factors: {conections: 3}}":        "spec.factors.conections: no such field",
		head +
			"spec: {factors: {connections: many}}": "spec.factors.connections: is a string, want a whole number",
		head + "spec: {factors: {rate: [1, -2]}}":                "spec.factors.rate: rate \"-2\"",
		head + "spec: {schedule: {duration: 5 parsecs}}":         "spec.schedule.duration: ",
		head + "spec: {schedule: {rounds: 3.5}}":                 "spec.schedule.rounds: ",
		head + "spec: {factors: {rate: 1}}\nspec: {factors: {}}": "already set",
		"[1, 2]": "not a YAML or JSON object",
		"":       "kind is \"\"",
	}
	for document, want := range tests {
		_, err := Parse([]byte(document))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want one with %q", document, err, want)
		}
	}
}

func TestBadValuesNameTheField(t *testing.T) {
	tests := map[string]string{
		"factors: {protocol: http3}":            "spec.factors.protocol: http3 is not one of",
		"factors: {connections: 0}":             "spec.factors.connections: 0 is not between 1 and 10000",
		"factors: {connections: 2, clients: 3}": "spec.factors.clients: 3 load pods cannot share 2 connections",
		"factors: {rate: [5, 5]}":               "spec.factors.rate: 5 is given twice",
		"factors: {responseBytes: 99999999}":    "spec.factors.responseBytes: ",
		"factors: {serverDelay: [1s, 1000ms]}":  "spec.factors.serverDelay: 1s is given twice",
		"factors: {serverDelay: 2m}":            "spec.factors.serverDelay: 2m0s is not between",
		"schedule: {profile: fast}":             "spec.schedule.profile: \"fast\" is not one of",
		"schedule: {duration: 10ms}":            "spec.schedule.duration: 10ms is not between",
		"load: {memory: 1Mi}":                   "spec.load.memory: 1Mi is less than",
		"target: {cpuRequest: 4, cpuLimit: 2}":  "spec.target.cpuRequest: 4 is not between",
		"schedule: {rounds: 5000}":              "spec.schedule.rounds: 5000 is not between 1 and 1000",
		"schedule: {repeats: 99}":               "spec.schedule.repeats: 99 is not between",
		// What is well-formed, but cannot be measured.
		"factors: {rate: 1e-300}":                                              "spec.factors.rate: 0.0000",
		"factors: {rate: [100, 0.05]}, schedule: {duration: 10s}":              "spec.factors.rate: 0.05 requests/s are less than one in a window of 10s",
		"factors: {serverDelay: 20s}":                                          "spec.factors.serverDelay: 20s is not below spec.schedule.requestTimeout, 10s",
		"schedule: {rounds: 1000, duration: 24h}":                              "spec.schedule: load for 24001h on each arm, want at most 2160h",
		"search: {slo: p99 < 1ms, maxTrials: 1000}, schedule: {duration: 24h}": "spec.schedule: load for 24001h on each arm, want at most 2160h",
		"search: {slo: p99 > 20ms}":                                            "spec.search.slo: \"p99 > 20ms\" holds at high rates",
		"search: {slo: errors >= 1%}":                                          "spec.search.slo: \"errors >= 1%\" holds at high rates",
		"arms: baseline, slos: [rps > 20k]":                                    "spec.slos: are held to by meshed arms",
	}
	for spec, want := range tests {
		e, err := Parse([]byte(head + "spec: {" + spec + "}"))
		if err != nil {
			t.Errorf("%s: %v", spec, err)
			continue
		}
		if _, err := Resolve(e); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", spec, err, want)
		}
	}
}

func TestSweepsUnfoldIntoLevels(t *testing.T) {
	e, err := Parse([]byte(head + "spec: {factors: {rate: [1, 100, max], responseBytes: [0, 1000], connections: 8}}"))
	if err != nil {
		t.Fatal(err)
	}
	e, err = Resolve(e)
	if err != nil {
		t.Fatal(err)
	}
	levels := Levels(e)
	if len(levels) != 6 || levels[0].ID != "rate=1,responseBytes=0" || levels[5].ID != "rate=max,responseBytes=1000" {
		t.Errorf("levels are %+v", levels)
	}
	for _, l := range levels {
		if l.Connections != 8 || l.Protocol != v1alpha1.ProtocolHTTP1 || l.Clients != 1 {
			t.Errorf("level %s is %+v", l.ID, l)
		}
	}
}

func TestHostileSweepIsRefusedAndBounded(t *testing.T) {
	var rates, sizes []string
	for i := range 500 {
		rates = append(rates, strings.Repeat("1", 1+i%6)+".0"+strings.Repeat("1", i/6))
		sizes = append(sizes, strings.Repeat("1", 1+i%5))
	}
	e, err := Parse([]byte(head + "spec: {factors: {rate: [" + strings.Join(rates, ",") + "], requestBytes: [" +
		strings.Join(sizes, ",") + "]}}"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Resolve(e); err == nil || !strings.Contains(err.Error(), "levels, want at most") {
		t.Errorf("error %v, want one about too many levels", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(head + "spec: {factors: {rate: [1, max]}}"))
	f.Add([]byte("{"))
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := Parse(data)
		if err != nil {
			if strings.TrimSpace(err.Error()) == "" {
				t.Error("an error without words")
			}
			return
		}
		if resolved, err := Resolve(e); err == nil && len(Levels(resolved)) == 0 {
			t.Error("a valid experiment without levels")
		}
	})
}
