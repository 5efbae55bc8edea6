package release

import (
	"runtime/debug"
	"testing"
)

func TestABuildKnowsItsVersion(t *testing.T) {
	for recorded, want := range map[string]string{"v1.2.3": "v1.2.3", "(devel)": Unknown, "": Unknown,
		"v0.0.0-20261126153012-0123456789ab+dirty": "v0.0.0-20261126153012-0123456789ab+dirty"} {
		if got := Recorded(&debug.BuildInfo{Main: debug.Module{Version: recorded}}); got != want {
			t.Errorf("Go recorded %q, the program says %q", recorded, got)
		}
	}
	if got := Version("v9"); got != "v9" {
		t.Errorf("v9 was linked in, the program says %s", got)
	}
}
