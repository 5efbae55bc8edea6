package ociarchive

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
)

func worker() Image {
	return Image{Name: "example.org/worker:v1", Program: []byte("\x7fELF program"), Path: "meshbench-worker",
		Architecture: "arm64", User: "65532"}
}

func TestTheSameProgramGivesTheSameBytes(t *testing.T) {
	var one, two bytes.Buffer
	first, err := Write(&one, worker())
	if err != nil {
		t.Fatal(err)
	}
	second, err := Write(&two, worker())
	if err != nil || first != second || !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.Errorf("%s and %s, %v", first, second, err)
	}
}

func TestEveryBlobIsWhatItsNameSays(t *testing.T) {
	var out bytes.Buffer
	digest, err := Write(&out, worker())
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for in := tar.NewReader(&out); ; {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if files[h.Name], err = io.ReadAll(in); err != nil {
			t.Fatal(err)
		}
	}
	for name, content := range files {
		if sum, blob := strings.CutPrefix(name, "blobs/sha256/"); blob && digestOf(content) != "sha256:"+sum {
			t.Errorf("%s holds %s", name, digestOf(content))
		}
	}
	var index struct{ Manifests []descriptor }
	if err := json.Unmarshal(files["index.json"], &index); err != nil || len(index.Manifests) != 1 {
		t.Fatalf("%d manifests, %v", len(index.Manifests), err)
	}
	at := index.Manifests[0]
	if at.Digest != digest || at.Platform.Architecture != "arm64" ||
		at.Annotations["io.containerd.image.name"] != worker().Name {
		t.Errorf("index names %+v, the digest is %s", at, digest)
	}
	var manifest struct {
		Config descriptor
		Layers []descriptor
	}
	if err := json.Unmarshal(files[path(at)], &manifest); err != nil {
		t.Fatal(err)
	}
	for _, d := range append(manifest.Layers, manifest.Config) {
		if len(files[path(d)]) != d.Size || d.Size == 0 {
			t.Errorf("%s has %d bytes, its size says %d", d.MediaType, len(files[path(d)]), d.Size)
		}
	}
}

func TestLicencesAreInTheLayer(t *testing.T) {
	i := worker()
	without, _, err := layerOf(i)
	if err != nil {
		t.Fatal(err)
	}
	i.Licences = []byte("of others")
	with, _, err := layerOf(i)
	if err != nil {
		t.Fatal(err)
	}
	for text, layer := range map[string][]byte{"": without, "of others": with} {
		zip, err := gzip.NewReader(bytes.NewReader(layer))
		if err != nil {
			t.Fatal(err)
		}
		files, found := tar.NewReader(zip), ""
		for {
			h, err := files.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if h.Name == "THIRD_PARTY_LICENSES" {
				data, err := io.ReadAll(files)
				if err != nil {
					t.Fatal(err)
				}
				found = string(data)
			}
		}
		if found != text {
			t.Errorf("the layer holds licences %q, want %q", found, text)
		}
	}
}

func TestADiskThatIsFullIsSaid(t *testing.T) {
	if _, err := Write(full{}, worker()); err == nil || !strings.Contains(err.Error(), "example.org/worker:v1") {
		t.Errorf("error %v", err)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }
