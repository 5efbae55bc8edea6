package experiment

import (
	"strings"
	"testing"
)

// 32 connections with bodies of 4 MiB were killed in a pod of 128Mi.
func TestBodiesThatDoNotFitAreRefused(t *testing.T) {
	for factors, want := range map[string]string{
		"{protocol: grpc, responseBytes: 4194304}":        "spec.load.memory: 128Mi is too little",
		"{protocol: h2c, requestBytes: [0, 4194304]}":     "set it to 224Mi",
		"{protocol: http1, responseBytes: 4194304}":       "",
		"{protocol: http1, connections: 2000}":            "",
		"{protocol: grpc, connections: 2000}":             "spec.load.memory: 128Mi is too little",
		"{protocol: grpc, connections: 2000, clients: 4}": "",
		// In less the kernel ended them: h2c in 462 MiB, gRPC in 657.
		"{protocol: h2c, connections: 10000}":                            "set it to 736Mi",
		"{protocol: grpc, connections: 10000}":                           "set it to 992Mi",
		"{protocol: grpc, responseBytes: 4194304, connections: 4}":       "",
		"{protocol: [http1, grpc], responseBytes: 4000000, clients: 32}": "spec.target.memory: 128Mi is too little",
	} {
		e, err := Parse([]byte(head + "spec: {factors: " + factors + "}"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = Resolve(e)
		if (want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", factors, err, want)
		}
	}
}
