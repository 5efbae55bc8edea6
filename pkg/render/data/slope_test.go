package data_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"strconv"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/render/data"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
	"github.com/meshbench/kubectl-meshbench/test/golden"
)

// The slopes that a report holds are those of the table beside it.
func TestSlopesAreInTheReportAndInATable(t *testing.T) {
	runs := map[string]v1alpha1.Report{"chain": golden.Completed(t, fixture.Chain(4, fixture.Options{}), nil),
		"levels": golden.Completed(t, fixture.Options{Experiment: golden.Sweep()}, nil)}
	for name, want := range map[string]int{"chain": 8, "levels": 0} {
		r := runs[name]
		var b bytes.Buffer
		if err := data.JSON(&b, r, term.Style{}); err != nil {
			t.Fatal(err)
		}
		var stored v1alpha1.Report
		if err := json.Unmarshal(b.Bytes(), &stored); err != nil {
			t.Fatal(err)
		}
		rows := slopeRows(t, r)
		if len(stored.Slopes) != want || len(rows) != want+1 {
			t.Fatalf("%s has %d slopes and %d rows, want %d", name, len(stored.Slopes), len(rows), want)
		}
		for i, s := range stored.Slopes {
			at := map[string]string{}
			for k, title := range rows[0] {
				at[title] = rows[i+1][k]
			}
			v, err := strconv.ParseFloat(at["slope"], 64)
			if err != nil || math.Abs(v-s.Value.Value) > 1e-12 || at["arm"] != s.Arm || at["metric"] != string(s.Metric) ||
				at["perUnit"] != "hop" || (at["ratio"] == "") != (s.Arm == "plain") {
				t.Errorf("row %v is not %+v", at, s)
			}
		}
	}
}

func slopeRows(t *testing.T, r v1alpha1.Report) [][]string {
	t.Helper()
	for _, table := range data.Tables(r) {
		if table.Name != "slopes.csv" {
			continue
		}
		var b bytes.Buffer
		if err := table.Write(&b); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&b).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	t.Fatal("there is no slopes.csv")
	return nil
}
