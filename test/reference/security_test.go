package reference

import (
	"os"
	"os/exec"
	"regexp"
	"testing"
)

// docs/security.md names the test that covers each threat; one that is gone
// covers nothing.
func TestTheTestsThatSecurityNamesExist(t *testing.T) {
	text, err := os.ReadFile("../../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile("`(Test[A-Za-z0-9]+)`").FindAllStringSubmatch(string(text), -1)
	if len(names) < 20 {
		t.Fatalf("only %d tests are named", len(names))
	}
	for _, name := range names {
		search := exec.CommandContext(t.Context(), "grep", "-rqE", `^func `+name[1]+`\(t \*testing\.T\)`,
			"--include=*_test.go", "../../pkg", "../../test")
		if err := search.Run(); err != nil {
			t.Errorf("docs/security.md names %s, which there is not", name[1])
		}
	}
}
