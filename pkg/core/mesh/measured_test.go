package mesh

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// The documents are the one place that says how far a mesh was measured; the
// table for people is held to them.
func TestTheDocumentationSaysHowFarEachMeshWasMeasured(t *testing.T) {
	text, err := os.ReadFile("../../../docs/meshes.md")
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	want.WriteString("| mesh | known | on |\n| --- | --- | --- |\n")
	measured := 0
	for _, m := range builtin(t).All() {
		if m.Support == SupportNamed {
			continue
		}
		if m.Basis() == BasisMeasured {
			measured++
		}
		fmt.Fprintf(&want, "| %s | %s | %s |\n", m.Title, m.Basis(), m.BasisText())
	}
	if measured == 0 {
		t.Error("no mesh was ever measured")
	}
	if !strings.Contains(string(text), want.String()) {
		t.Errorf("docs/meshes.md does not hold this table:\n%s", want.String())
	}
}

func TestWhatIsCalledEndedSaysSo(t *testing.T) {
	ended := Mesh{Title: "X", Lifecycle: Lifecycle{State: StateEnded, Since: "2026-09-30"}}
	if got := ended.Called(); got != "X (from sources), support ended on 2026-09-30" {
		t.Error(got)
	}
	tried := Mesh{Title: "Y", Measured: []Measurement{{Version: "1", How: "by hand"}},
		Lifecycle: Lifecycle{State: StateMaintained}}
	if got := tried.Called() + "; " + tried.BasisText(); got != "Y (measured); 1: by hand" {
		t.Error(got)
	}
}
