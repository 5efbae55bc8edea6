package image

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

func TestTheSameInputGivesTheSameBytes(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "program")
	if err := os.WriteFile(file, []byte("#!"), 0o700); err != nil {
		t.Fatal(err)
	}
	spec := Spec{
		Name: "example.org/x:1", User: "65532", Entrypoint: []string{"/bin/program"}, Architecture: "amd64",
		Files: []File{{Source: file, Path: "/bin/program", Executable: true}, {Source: file, Path: "/a/b/c"},
			{Source: file, Path: "/a/b/c"}},
	}
	var first, second bytes.Buffer
	if err := Write(&first, spec); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(file, time.Unix(1, 0), time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	if err := Write(&second, spec); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("two archives of the same files differ")
	}
	archive := filepath.Join(dir, "image.tar")
	if err := os.WriteFile(archive, first.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	read, err := tarball.ImageFromPath(archive, nil)
	if err != nil {
		t.Fatal(err)
	}
	config, err := read.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if config.Config.User != "65532" || config.Config.Entrypoint[0] != "/bin/program" || config.OS != "linux" {
		t.Errorf("the archive's configuration is %+v", config.Config)
	}
}

func TestParseLDD(t *testing.T) {
	got := parseLDD("\tlinux-vdso.so.1 (0x00007ffd)\n\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f)\n\t/lib64/ld-linux-x86-64.so.2 (0x00007f)\n\tlibgone.so => not found\n")
	if len(got) != 2 || got[0].Path != "/lib/x86_64-linux-gnu/libc.so.6" || got[1].Path != "/lib64/ld-linux-x86-64.so.2" {
		t.Errorf("libraries are %v", got)
	}
}
