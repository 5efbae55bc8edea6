package journal

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTrialsAreCountedWithoutReadingThem(t *testing.T) {
	long := strings.Repeat("x", 200_000)
	path := filepath.Join(t.TempDir(), trialsFile)
	for content, want := range map[string]int{
		"": 0,
		`{"id":"a"}` + "\n" + `{"resourcesOf":"a"}` + "\n" + `{"id":"b","reason":"` + long + `"}` + "\n": 2,
		`{"id":"a"}` + "\n" + `{"id":"cut` + "\n" + `{"id":"b"}` + "\n" + `{"id":"c"`:                    2,
		`{"idle":{}}` + "\n" + "noise\n": 0,
	} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if n, err := countTrials(path); err != nil || n != want {
			t.Errorf("%.40q: %d trials, %v; want %d", content, n, err, want)
		}
	}
	if n, err := countTrials(path + "-not-there"); n != 0 || err != nil {
		t.Errorf("no file: %d, %v", n, err)
	}
}
