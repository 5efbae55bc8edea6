// Package image writes container images without a container engine: nothing
// but one layer with the files that were asked for. The same input gives the
// same bytes.
package image

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// File is a file of the image.
type File struct {
	// Source is its path here, Path the one in the image.
	Source, Path string
	Executable   bool
}

// Spec describes an image.
type Spec struct {
	// Name is its reference, e.g. "example.org/worker:v1".
	Name  string
	Files []File
	// User is the numeric user it runs as.
	User         string
	Entrypoint   []string
	Command      []string
	Labels       map[string]string
	Architecture string
}

// Write writes the image as an archive that `ctr images import` and `docker
// load` read.
func Write(out io.Writer, s Spec) error {
	tag, err := name.NewTag(s.Name)
	if err != nil {
		return fmt.Errorf("image name: %w", err)
	}
	built, err := Build(s)
	if err != nil {
		return fmt.Errorf("build image %s: %w", s.Name, err)
	}
	if err := tarball.Write(tag, built, out); err != nil {
		return fmt.Errorf("write image %s: %w", s.Name, err)
	}
	return nil
}

// Build makes the image in memory.
func Build(s Spec) (v1.Image, error) {
	content, err := layerContent(s.Files)
	if err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(content)),
			nil
	})
	if err != nil {
		return nil, err
	}
	built, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		return nil, err
	}
	config, err := built.ConfigFile()
	if err != nil {
		return nil, err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", s.Architecture
	config.Created = v1.Time{Time: time.Unix(0, 0).UTC()}
	config.Config = v1.Config{User: s.User, Entrypoint: s.Entrypoint, Cmd: s.Command, Labels: s.Labels, WorkingDir: "/"}
	return mutate.ConfigFile(built, config)
}

// layerContent is a tar archive in the order of paths, with no times and no owners.
func layerContent(files []File) ([]byte, error) {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	made := map[string]bool{}
	files = slices.SortedFunc(slices.Values(files), func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	for _, f := range files {
		target := strings.TrimPrefix(path.Clean("/"+f.Path), "/")
		if made[target] {
			continue
		}
		if err := addParents(w, target, made); err != nil {
			return nil, err
		}
		data, err := os.ReadFile(f.Source)
		if err != nil {
			return nil, err
		}
		mode := int64(0o644)
		if f.Executable {
			mode = 0o755
		}
		if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: target, Mode: mode, Size: int64(len(data)),
			ModTime: time.Unix(0, 0)}); err != nil {
			return nil, err
		}
		if _, err := w.Write(data); err != nil {
			return nil, err
		}
		made[target] = true
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func addParents(w *tar.Writer, target string, made map[string]bool) error {
	parts := strings.Split(path.Dir(target), "/")
	for i := range parts {
		dir := strings.Join(parts[:i+1], "/")
		if dir == "." || made[dir] {
			continue
		}
		made[dir] = true
		if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: dir + "/", Mode: 0o755,
			ModTime: time.Unix(0, 0)}); err != nil {
			return err
		}
	}
	return nil
}
