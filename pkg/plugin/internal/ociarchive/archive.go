// Package ociarchive writes a program as a container image of one layer, in an
// archive that container runtimes and registries' tools read: an OCI image
// layout, with the list beside it that `docker load` asks for. The same files
// give the same bytes.
//
// The form is that of the OCI image specification 1.1 (image-layout.md, config.md,
// manifest.md).
package ociarchive

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// Image is what is written.
type Image struct {
	// Name is its reference with a tag, such as example.org/worker:v1.
	Name string
	// Program is what runs; Path is where it lies in the image.
	Program []byte
	Path    string
	// Licences are those of what the program is made of; nil for none.
	Licences []byte
	// Architecture as Go and OCI spell it: amd64, arm64.
	Architecture string
	// User is a numeric id; no name of a user is in the image.
	User string
}

const (
	typeManifest = "application/vnd.oci.image.manifest.v1+json"
	typeConfig   = "application/vnd.oci.image.config.v1+json"
	typeLayer    = "application/vnd.oci.image.layer.v1.tar+gzip"
	typeIndex    = "application/vnd.oci.image.index.v1+json"
)

type platform struct {
	Architecture string `json:"architecture"`
	OS           string `json:"os"`
}

type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int               `json:"size"`
	Platform    *platform         `json:"platform,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// Write writes the archive and returns the image's digest, as `--image NAME@DIGEST` takes it.
func Write(out io.Writer, i Image) (digest string, err error) {
	layer, diffID, err := layerOf(i)
	if err != nil {
		return "", fmt.Errorf("write image %s: %w", i.Name, err)
	}
	w := &writer{tar: tar.NewWriter(out)}
	w.file("oci-layout", []byte(`{"imageLayoutVersion":"1.0.0"}`))
	layerAt := w.blob(typeLayer, layer)
	configAt := w.json(typeConfig, map[string]any{
		"architecture": i.Architecture, "os": "linux",
		"config": map[string]any{"User": i.User, "Entrypoint": []string{"/" + i.Path}, "WorkingDir": "/"},
		"rootfs": map[string]any{"type": "layers", "diff_ids": []string{diffID}},
	})
	manifestAt := w.json(typeManifest, map[string]any{
		"schemaVersion": 2, "mediaType": typeManifest, "config": configAt, "layers": []descriptor{layerAt},
	})
	digest = manifestAt.Digest
	manifestAt.Platform = &platform{i.Architecture, "linux"}
	// containerd takes the whole name from the first, skopeo from the second.
	manifestAt.Annotations = map[string]string{
		"io.containerd.image.name": i.Name, "org.opencontainers.image.ref.name": i.Name,
	}
	w.document("index.json", map[string]any{
		"schemaVersion": 2, "mediaType": typeIndex, "manifests": []descriptor{manifestAt},
	})
	w.document("manifest.json", []map[string]any{{
		"Config": path(configAt), "RepoTags": []string{i.Name}, "Layers": []string{path(layerAt)},
	}})
	if w.err == nil {
		w.err = w.tar.Close()
	}
	if w.err != nil {
		return "", fmt.Errorf("write image %s: %w", i.Name, w.err)
	}
	return digest, nil
}

// layerOf is the program as a compressed layer, and the digest of its content.
func layerOf(i Image) (compressed []byte, diffID string, err error) {
	var content bytes.Buffer
	files := tar.NewWriter(&content)
	all := []struct {
		name string
		mode int64
		data []byte
	}{{i.Path, 0o555, i.Program}, {"THIRD_PARTY_LICENSES", 0o444, i.Licences}}
	for _, f := range all {
		if f.data == nil {
			continue
		}
		header := &tar.Header{Name: f.name, Mode: f.mode, Size: int64(len(f.data)), ModTime: epoch()}
		if err := files.WriteHeader(header); err != nil {
			return nil, "", err
		}
		if _, err := files.Write(f.data); err != nil {
			return nil, "", err
		}
	}
	if err := files.Close(); err != nil {
		return nil, "", err
	}
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	if _, err := zip.Write(content.Bytes()); err != nil {
		return nil, "", err
	}
	if err := zip.Close(); err != nil {
		return nil, "", err
	}
	return out.Bytes(), digestOf(content.Bytes()), nil
}

// writer keeps the first error: what follows it writes nothing.
type writer struct {
	tar *tar.Writer
	err error
}

func (w *writer) file(name string, content []byte) {
	if w.err != nil {
		return
	}
	w.err = w.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o444, Size: int64(len(content)), ModTime: epoch()})
	if w.err == nil {
		_, w.err = w.tar.Write(content)
	}
}

func (w *writer) blob(mediaType string, content []byte) descriptor {
	d := descriptor{MediaType: mediaType, Digest: digestOf(content), Size: len(content)}
	w.file(path(d), content)
	return d
}

func (w *writer) json(mediaType string, value any) descriptor {
	return w.blob(mediaType, w.encoded(value))
}

func (w *writer) document(name string, value any) { w.file(name, w.encoded(value)) }

func (w *writer) encoded(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil && w.err == nil {
		w.err = err
	}
	return text
}

func path(d descriptor) string { return "blobs/sha256/" + d.Digest[len("sha256:"):] }

func digestOf(content []byte) string {
	sum := sha256.Sum256(content)
	return "sha256:" + hex.EncodeToString(sum[:])
}

func epoch() time.Time { return time.Unix(0, 0).UTC() }
