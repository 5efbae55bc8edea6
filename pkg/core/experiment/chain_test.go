package experiment

import (
	"strings"
	"testing"
)

func TestBadChainsNameTheField(t *testing.T) {
	const disturbedChain = "factors: {hops: 2, rate: 100}, schedule: {duration: 60s}, " +
		"disturbance: {kind: restart-targets, at: 20s}"
	for text, want := range map[string]string{
		"factors: {hops: 17}":                     "spec.factors.hops: 17 is not between 1 and 16",
		"factors: {hops: 2, fanOut: 33}":          "spec.factors.fanOut: 33 is not between 1 and 32",
		"factors: {fanOut: 4}":                    "spec.factors.fanOut: the first target calls the second so often",
		"factors: {hops: [1, 2], fanOut: [1, 4]}": "spec.factors.fanOut: the first target calls the second so often",
		"factors: {hops: 2, replicas: 3}":         "spec.factors.replicas: each target of a chain is one pod",
		disturbedChain:                            "spec.disturbance: is for the targets behind one Service",

		"factors: {hops: [1, 8], serverDelay: 2s}": "spec.factors.serverDelay: 2s at each of 8 hops is not below",
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
	for _, text := range []string{"factors: {hops: [2, 4], fanOut: [1, 4], serverDelay: 100ms}",
		"factors: {hops: [1, 8]}"} {
		e, err := Parse([]byte(head + "spec: {" + text + "}"))
		if err == nil {
			_, err = Resolve(e)
		}
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}
