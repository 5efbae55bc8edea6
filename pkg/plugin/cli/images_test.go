package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/cli-runtime/pkg/genericiooptions"
)

// builtAs runs a command of a build of this version.
func builtAs(t *testing.T, version string, args ...string) (out, log string, code int) {
	t.Helper()
	var o, l bytes.Buffer
	code = Main(t.Context(), nil, Build{Version: version, WorkerDigest: digest},
		genericiooptions.IOStreams{In: strings.NewReader(""), Out: &o, ErrOut: &l},
		args)
	return o.String(), l.String(), code
}

// digest is one that releases of these tests are linked with.
const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// A release takes the image it was linked with, whoever moves the tag.
func TestAReleaseTakesItsImageByDigest(t *testing.T) {
	const image = "ghcr.io/meshbench/meshbench-worker:v1.2.3@" + digest
	for _, args := range [][]string{{"version"}, {"images"}, {"exp1", "--help"}} {
		if out, _, code := builtAs(t, "v1.2.3", args...); code != 0 || !strings.Contains(out, image) {
			t.Errorf("%v: exit code %d, printed %s", args, code, out)
		}
	}
	if out, _, _ := builtAs(t, "v1.2.4-0.20261126153012-0123456789ab", "version"); strings.Contains(out, "sha256:") {
		t.Errorf("a build that is no release names an image: %s", out)
	}
	if !imageForm().MatchString(image) {
		t.Error("--image would not take it")
	}
}

func TestABuildKnowsWhetherItWasReleased(t *testing.T) {
	for version, want := range map[string]bool{
		"v1.2.3": true, "v1.2.3-rc.1": true, "v1": true,
		"dev": false, "": false, "(devel)": false, "v1.2.4-0.20261126153012-0123456789ab": false,
		"v0.0.0-20261126153012-0123456789ab": false, "v1.2.3-rc.1.0.20261126153012-0123456789ab": false,
		"v1.2.3+dirty": false, "v0.0.0-SNAPSHOT-0123456": false,
	} {
		if got := released(version); got != want {
			t.Errorf("released(%q) = %v", version, got)
		}
	}
}

func TestAnUnreleasedBuildSaysWhatToDoBeforeItAsksACluster(t *testing.T) {
	nowhere := aKubeconfig(t)
	for _, args := range [][]string{{"exp1"}, {"check"}, {"run", "exp2"}, {"images"}} {
		_, log, code := builtAs(t, "dev", append(args, "--kubeconfig", nowhere)...)
		if code != exitUsage || !strings.Contains(log, "--image") || !strings.Contains(log, "images --archive") {
			t.Errorf("%v: exit code %d, said %s", args, code, log)
		}
	}
}

func TestVersionForMachines(t *testing.T) {
	out, _, code := builtAs(t, "v1.2.3", "version", "-o", "json")
	if code != 0 || !strings.Contains(out, `"workerImage": "ghcr.io/meshbench/meshbench-worker:v1.2.3@`+digest+`"`) {
		t.Errorf("exit code %d, printed %s", code, out)
	}
	if out, _, _ := builtAs(t, "dev", "version", "-o", "yaml"); strings.Contains(out, "workerImage") {
		t.Errorf("a build that was not released names an image: %s", out)
	}
	if _, _, code := builtAs(t, "v1.2.3", "version", "-o", "xml"); code != exitUsage {
		t.Errorf("-o xml: exit code %d", code)
	}
}

func TestTheArchiveTakesOnlyStaticProgramsForLinux(t *testing.T) {
	dir := t.TempDir()
	script := filepath.Join(dir, "script")
	if err := os.WriteFile(script, []byte("#!/bin/sh\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	archive := filepath.Join(dir, "worker.tar")
	for _, args := range [][]string{
		{"--archive", archive}, {"--archive", archive, "--binary", script},
		{"--archive", archive, "--binary", filepath.Join(dir, "gone")}, {"--binary", script},
		{"--archive", archive, "--binary", script, "--name", "worker"},
	} {
		_, log, code := builtAs(t, "v1.2.3", append([]string{"images"}, args...)...)
		if _, err := os.Stat(archive); err == nil || code != exitUsage {
			t.Errorf("%v: exit code %d, %s", args, code, log)
		}
	}
}
