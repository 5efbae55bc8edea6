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
	p.pause = binary + ".tar"
	if _, err := os.Stat(p.pause); err == nil {
		return p, nil
	}
	temp, err := os.CreateTemp(b.Cache, ".pause-")
	if err != nil {
		return programs{}, fmt.Errorf("make the sandbox image: %w", err)
	}
	defer func() { _ = os.Remove(temp.Name()) }()
	err = image.Write(temp, image.Spec{
		Name: config.PauseImage, Files: []image.File{{Source: binary, Path: "/pause", Executable: true}},
		User: "65535", Entrypoint: []string{"/pause"}, Architecture: runtime.GOARCH,
	})
	if err != nil {
		return programs{}, err
	}
	if err := temp.Close(); err != nil {
		return programs{}, fmt.Errorf("make the sandbox image: %w", err)
	}
	return p, os.Rename(temp.Name(), p.pause)
}
