package worker

import (
	"runtime/debug"
	"testing"
	"testing/fstest"
)

func TestTheMemoryLimitIsTheContainers(t *testing.T) {
	for name, test := range map[string]struct {
		files map[string]string
		env   string
		want  int64
	}{
		"v2":        {files: map[string]string{"sys/fs/cgroup/memory.max": "134217728\n"}, want: 134217728 * 85 / 100},
		"v1":        {files: map[string]string{"sys/fs/cgroup/memory/memory.limit_in_bytes": "1000000\n"}, want: 850000},
		"unlimited": {files: map[string]string{"sys/fs/cgroup/memory.max": "max\n"}},
		"v1 none":   {files: map[string]string{"sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n"}},
		"hidden":    {},
		"said":      {files: map[string]string{"sys/fs/cgroup/memory.max": "1000\n"}, env: "1GiB"},
	} {
		before := debug.SetMemoryLimit(-1)
		root := fstest.MapFS{}
		for file, text := range test.files {
			root[file] = &fstest.MapFile{Data: []byte(text)}
		}
		limitMemory(root, func(string) string { return test.env })
		got := debug.SetMemoryLimit(before)
		want := test.want
		if want == 0 {
			want = before
		}
		if got != want {
			t.Errorf("%s: limit is %d, want %d", name, got, want)
		}
	}
}
