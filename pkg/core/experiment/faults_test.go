package experiment

import (
	"strings"
	"testing"
)

func TestBadFaultsNameTheField(t *testing.T) {
	for text, want := range map[string]string{
		"factors: {errorRatio: 1.5}":                            "spec.factors.errorRatio: 1.5 is not between 0 and 1",
		"factors: {errorRatio: -0.1}":                           "spec.factors.errorRatio: -0.1 is not between 0 and 1",
		"factors: {errorRatio: [0.1, 0.10]}":                    "spec.factors.errorRatio: 0.1 is given twice",
		"factors: {slowRatio: 2, serverDelay: 1s}":              "spec.factors.slowRatio: 2 is not between 0 and 1",
		"factors: {slowRatio: 0.1}":                             "spec.factors.slowRatio: is the share of requests that",
		"factors: {errorRatio: 0.1}, search: {slo: p99 < 20ms}": "spec.factors.errorRatio: a search takes a rate that loses",
	} {
		e, err := Parse([]byte(head + "spec: {" + text + "}"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = Resolve(e)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", text, err, want)
		}
	}
}

// A document of a release without these factors has the same levels as ever: nothing
// fails, and all of the requests are slow.
func TestDocumentsWithoutFaultsHaveNone(t *testing.T) {
	e, err := Parse([]byte(head + "spec: {factors: {serverDelay: [0s, 5ms]}}"))
	if err != nil {
		t.Fatal(err)
	}
	if e, err = Resolve(e); err != nil {
		t.Fatal(err)
	}
	e.Spec.Factors.ErrorRatio, e.Spec.Factors.SlowRatio = nil, nil // as an old report holds it
	levels := Levels(e)
	if len(levels) != 2 {
		t.Fatalf("levels %+v", levels)
	}
	for _, l := range levels {
		if l.ErrorRatio != 0 || l.SlowRatio != 1 || l.Drawn() || l.ID == DefaultLevel {
			t.Errorf("%+v", l)
		}
	}
}
