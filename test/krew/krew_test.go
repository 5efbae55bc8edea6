package krew

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"text/template"

	"sigs.k8s.io/yaml"
)

const (
	file   = "../../krew/meshbench.yaml"
	tag    = "v1.2.3"
	digest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
)

// render fills the template in as krew-release-bot does, which knows the
// archives' digests from the release.
func render(t *testing.T) []byte {
	t.Helper()
	var failed error
	manifest, err := template.New("meshbench.yaml").Funcs(template.FuncMap{
		"addURIAndSha": func(uri, tag string) string {
			var b strings.Builder
			inner, err := template.New("uri").Parse(uri)
			if err == nil {
				err = inner.Execute(&b, map[string]string{"TagName": tag})
			}
			if err != nil {
				failed = err
			}
			return fmt.Sprintf("uri: %s\n    sha256: %s", b.String(), digest)
		},
	}).ParseFiles(file)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := manifest.Execute(&out, map[string]string{"TagName": tag}); err != nil || failed != nil {
		t.Fatal(err, failed)
	}
	return out.Bytes()
}

func TestManifestKeepsTheRules(t *testing.T) {
	if _, err := validate(file, render(t)); err != nil {
		t.Error(err)
	}
}

func TestRulesCanFail(t *testing.T) {
	whole := string(render(t))
	for _, change := range [][2]string{
		{"v1alpha2", "v1alpha1"},
		{"name: meshbench", "name: mesh-bench"},
		{"version: v1.2.3", "version: 1.2.3"},
		{"homepage: https:", "homepage: http:"},
		{"Measure what", "Measure with much care and precision what"},
		{"on a cluster\n", "on a cluster.\n"},
		{"cluster: throughput", "cluster, " + strings.Repeat("x", 80) + ": throughput"},
		{"arch: arm64", "arch: amd64"},
		{"os: darwin", "os: plan9"},
		{"os: darwin", "kernel: darwin"},
		{"linux_amd64.tar.gz", "linux_amd64.tar.xz"},
		{digest, digest[1:]},
		{"bin: kubectl-meshbench.exe", "bin: kubectl-meshbench"},
		{"caveats:", "advice:"},
	} {
		broken := strings.Replace(whole, change[0], change[1], 1)
		if broken == whole {
			t.Errorf("%q is not in the manifest", change[0])
		}
		if _, err := validate(file, []byte(broken)); err == nil {
			t.Errorf("%q instead of %q passes", change[1], change[0])
		}
	}
}

// release is what the manifest and .goreleaser.yaml must agree on.
type release struct {
	Builds []struct {
		ID     string   `json:"id"`
		Goos   []string `json:"goos"`
		Goarch []string `json:"goarch"`
	} `json:"builds"`
	Archives []struct {
		ID           string   `json:"id"`
		NameTemplate string   `json:"name_template"`
		Files        []string `json:"files"`
	} `json:"archives"`
}

func TestManifestNamesTheArchivesOfARelease(t *testing.T) {
	data, err := os.ReadFile("../../.goreleaser.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var r release
	if err := yaml.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	build, archive := r.Builds[0], r.Archives[0]
	if build.ID != "kubectl-meshbench" || archive.ID != build.ID || !slices.Contains(archive.Files, "LICENSE") {
		t.Fatalf("build %+v, archive %+v", build, archive)
	}
	var want []string
	for _, goos := range build.Goos {
		for _, goarch := range build.Goarch {
			name := strings.NewReplacer("{{ .Os }}", goos, "{{ .Arch }}", goarch).Replace(archive.NameTemplate)
			format := ".tar.gz"
			if goos == "windows" {
				format = ".zip"
			}
			want = append(want, "https://github.com/meshbench/kubectl-meshbench/releases/download/"+tag+"/"+name+format)
		}
	}
	m, err := validate(file, render(t))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range m.Spec.Platforms {
		got = append(got, p.URI)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the manifest wants\n%v\na release has\n%v", got, want)
	}
}
