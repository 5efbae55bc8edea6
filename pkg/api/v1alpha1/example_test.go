package v1alpha1_test

import (
	"encoding/json"
	"fmt"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// A rate is a number, or max for a closed loop.
func ExampleParseRate() {
	for _, text := range []string{"max", "1000"} {
		rate, err := v1alpha1.ParseRate(text)
		fmt.Println(rate, rate.ClosedLoop(), err)
	}
	// Output:
	// max true <nil>
	// 1000 false <nil>
}

// A factor has one value, or several that are levels.
func ExampleValues() {
	var rates v1alpha1.Values[v1alpha1.Rate]
	if err := json.Unmarshal([]byte(`[100, 500, "max"]`), &rates); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(rates), rates)
	// Output: 3 [100 500 max]
}

// A finding's scope covers all that it does not narrow down.
func ExampleScope_Covers() {
	arm := v1alpha1.Scope{Arm: "sidecar"}
	fmt.Println(arm.Covers(v1alpha1.Address{Experiment: "exp1", Level: "default", Arm: "sidecar"}),
		arm.Covers(v1alpha1.Address{Experiment: "exp1", Level: "default", Arm: "plain"}))
	// Output: true false
}
