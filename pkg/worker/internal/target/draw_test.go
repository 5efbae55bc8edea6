package target

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// Draws go by the number of arrivals in a trial, begin anew with another seed, and
// are the run's own: strangers neither get a failure nor use up a number.
func TestDrawsAreByTheOrderOfArrival(t *testing.T) {
	var d draws
	first, second := wire.Faults{ErrorRatio: 0.3, Seed: 1}, wire.Faults{ErrorRatio: 0.3, Seed: 2}
	for _, asked := range []wire.Faults{first, second, first} {
		for i := range uint64(200) {
			if fails, slow := d.draw(&asked, false); fails || !slow {
				t.Fatal("a stranger was drawn for")
			}
			want, _ := asked.Draw(i)
			if got, _ := d.draw(&asked, true); got != want {
				t.Fatalf("request %d of seed %d: fails %t, want %t", i, asked.Seed, got, want)
			}
		}
	}
	if fails, slow := d.draw(nil, true); fails || !slow {
		t.Error("a request that asks for nothing fails, or is not as slow as it asks")
	}
}

func TestFaultsOfAQueryThatCannotBeReadAreRefused(t *testing.T) {
	base := "http://" + start(t).Addr(v1alpha1.ProtocolHTTP1)
	for query, want := range map[string]int{"1,1,1": http.StatusServiceUnavailable, "0,1,1": http.StatusOK,
		"2,1,1": http.StatusBadRequest, "x": http.StatusBadRequest} {
		status, answer := get(t, "GET", fmt.Sprintf("%s/?size=0&faults=%s", base, query), "")
		if status != want || (status == http.StatusServiceUnavailable) != (answer == wire.FaultText+"\n") {
			t.Errorf("faults=%s: %d %q, want %d", query, status, answer, want)
		}
	}
}
