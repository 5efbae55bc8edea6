// Package krew checks the Krew manifest as the index does: it renders the
// template that the release bot renders, and applies the rules of
// validate-krew-manifest and of the naming guide.
package krew

import (
	"bytes"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template"

	"sigs.k8s.io/yaml"
)

type plugin struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Metadata   struct {
		Name string `json:"name"`
	} `json:"metadata"`
	Spec struct {
		Version          string     `json:"version"`
		Homepage         string     `json:"homepage"`
		ShortDescription string     `json:"shortDescription"`
		Description      string     `json:"description"`
		Caveats          string     `json:"caveats"`
		Platforms        []platform `json:"platforms"`
	} `json:"spec"`
}

type platform struct {
	URI      string `json:"uri"`
	SHA256   string `json:"sha256"`
	Bin      string `json:"bin"`
	Selector struct {
		MatchLabels map[string]string `json:"matchLabels"`
	} `json:"selector"`
}

const (
	manifest = "../../krew/meshbench.yaml"
	tag      = "v1.2.3"
)

// rendered is the manifest of a release.
func rendered(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	addURIAndSha := func(uri, tagName string) string {
		return "uri: " + strings.ReplaceAll(uri, "{{ .TagName }}", tagName) + "\n    sha256: " + strings.Repeat("ab", 32)
	}
	parsed, err := template.New("krew").Funcs(template.FuncMap{"addURIAndSha": addURIAndSha}).Parse(string(text))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := parsed.Execute(&out, struct{ TagName string }{tag}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestTheManifestKeepsTheRulesOfTheIndex(t *testing.T) {
	var p plugin
	if err := yaml.UnmarshalStrict(rendered(t), &p); err != nil {
		t.Fatal(err)
	}
	for _, problem := range problems(p) {
		t.Error(problem)
	}
}

func TestTheRulesCanFail(t *testing.T) {
	for name, spoil := range map[string]func(*plugin){
		"name":        func(p *plugin) { p.Metadata.Name = "other" },
		"version":     func(p *plugin) { p.Spec.Version = "1.2.3" },
		"description": func(p *plugin) { p.Spec.ShortDescription = strings.Repeat("x", 51) },
		"platform":    func(p *plugin) { p.Spec.Platforms[0].Selector.MatchLabels["arch"] = "s390x" },
		"overlap":     func(p *plugin) { p.Spec.Platforms[1] = p.Spec.Platforms[0] },
		"sum":         func(p *plugin) { p.Spec.Platforms[0].SHA256 = "abc" },
		"windows":     func(p *plugin) { p.Spec.Platforms[4].Bin = "kubectl-meshbench" },
		"archive":     func(p *plugin) { p.Spec.Platforms[0].URI += ".xz" },
	} {
		var p plugin
		if err := yaml.UnmarshalStrict(rendered(t), &p); err != nil {
			t.Fatal(err)
		}
		if spoil(&p); len(problems(p)) == 0 {
			t.Errorf("a wrong %s is not noticed", name)
		}
	}
}

func problems(p plugin) []string {
	var found []string
	want := func(ok bool, problem string) {
		if !ok {
			found = append(found, problem)
		}
	}
	want(p.APIVersion == "krew.googlecontainertools.github.com/v1alpha2" && p.Kind == "Plugin", "apiVersion or kind")
	want(p.Metadata.Name+".yaml" == path.Base(manifest), "the name is not the file's")
	want(regexp.MustCompile(`^v\d+\.\d+\.\d+$`).MatchString(p.Spec.Version), "the version is no semver with a leading v")
	want(p.Spec.ShortDescription != "" && len(p.Spec.ShortDescription) <= 50 &&
		!strings.Contains(p.Spec.ShortDescription, "\n"), "the short description is not one line of at most 50 characters")
	want(p.Spec.Homepage != "" && p.Spec.Description != "", "homepage or description is missing")
	for line := range strings.Lines(p.Spec.Description) {
		want(len(strings.TrimSpace(line)) <= 80, "a line of the description is longer than 80")
	}
	for line := range strings.Lines(p.Spec.Caveats) {
		want(len(strings.TrimSpace(line)) <= 80, "a line of the caveats is longer than 80")
	}
	want(len(p.Spec.Platforms) > 0, "no platforms")
	supported := []string{"windows/386", "windows/amd64", "windows/arm64", "linux/386", "linux/amd64", "linux/arm",
		"linux/arm64", "linux/ppc64le", "darwin/386", "darwin/amd64", "darwin/arm64"}
	seen := map[string]bool{}
	for _, one := range p.Spec.Platforms {
		labels := one.Selector.MatchLabels
		name := labels["os"] + "/" + labels["arch"]
		want(len(labels) == 2 && slices.Contains(supported, name), "platform "+name+" is not supported")
		want(!seen[name], "platform "+name+" is there twice")
		seen[name] = true
		want(regexp.MustCompile(`^[0-9a-f]{64}$`).MatchString(one.SHA256), name+": the sum is not 64 hexadecimal digits")
		want(strings.HasSuffix(one.URI, ".zip") || strings.HasSuffix(one.URI, ".tar.gz"),
			name+": the archive is neither .zip nor .tar.gz")
		want(strings.Contains(one.URI, "/"+p.Spec.Version+"/"), name+": the archive is of another version")
		bin := "kubectl-meshbench"
		if labels["os"] == "windows" {
			bin += ".exe"
		}
		want(one.Bin == bin, name+": the program is "+one.Bin)
	}
	return found
}
