package cluster

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/build"
	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/config"
	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/image"
)

// programs are the paths of everything that is compiled for a cluster.
type programs struct {
	kube, coredns string
	// pause is the archive of the sandbox image.
	pause string
	// cilium is there if pods are joined by it.
	cilium cilium
}

// kubernetesVersion is that of the modules in kube/go.mod.
const kubernetesVersion = "v1.34.4"

// compile builds what is not in the cache. source is the directory of this module.
func compile(ctx context.Context, source string, log io.Writer) (programs, error) {
	b, err := build.ForUser(log)
	if err != nil {
		return programs{}, err
	}
	var version []string
	for _, module := range []string{"k8s.io/component-base/version", "k8s.io/client-go/pkg/version"} {
		version = append(version, "-X "+module+".gitVersion="+kubernetesVersion)
	}
	var p programs
	for _, one := range []struct {
		to *string
		build.Program
	}{
		{&p.kube,
			build.Program{Name: "kube", Dir: filepath.Join(source, "kube"), Module: filepath.Join(source, "kube"),
				LDFlags: strings.Join(version, " ")}},
		{&p.coredns,
			build.Program{Name: "coredns", Dir: filepath.Join(source, "coredns"), Module: filepath.Join(source, "coredns")}},
		{&p.pause, build.Program{Name: "pause", Dir: filepath.Join(source, "internal", "pause"), Module: source}},
	} {
		if *one.to, err = b.Binary(ctx, one.Program); err != nil {
			return programs{}, err
		}
	}
	binary := p.pause
	p.pause, err = archived(b, binary, image.Spec{
		Name: config.PauseImage, Files: []image.File{{Source: binary, Path: "/pause", Executable: true}},
		User: "65535", Entrypoint: []string{"/pause"}, Architecture: runtime.GOARCH,
	})
	return p, err
}

// archived is the path of an image's archive, which is kept beside the program
// that it holds.
func archived(b build.Builder, binary string, s image.Spec) (string, error) {
	archive := binary + ".tar"
	if _, err := os.Stat(archive); err == nil {
		return archive, nil
	}
	temp, err := os.CreateTemp(b.Cache, ".image-")
	if err != nil {
		return "", fmt.Errorf("make the image %s: %w", s.Name, err)
	}
	defer func() { _ = os.Remove(temp.Name()) }()
	if err := image.Write(temp, s); err != nil {
		return "", err
	}
	if err := temp.Close(); err != nil {
		return "", fmt.Errorf("make the image %s: %w", s.Name, err)
	}
	return archive, os.Rename(temp.Name(), archive)
}
