package krew

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"

	"sigs.k8s.io/yaml"
)

// manifest is a plugin of the Krew index, version v1alpha2.
type manifest struct {
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
	Selector struct {
		MatchLabels struct {
			OS   string `json:"os"`
			Arch string `json:"arch"`
		} `json:"matchLabels"`
	} `json:"selector"`
	URI    string `json:"uri"`
	SHA256 string `json:"sha256"`
	Bin    string `json:"bin"`
}

func (p platform) name() string {
	return p.Selector.MatchLabels.OS + "/" + p.Selector.MatchLabels.Arch
}

// validate checks a rendered manifest, strictly, by the index's documented
// rules and by what its reviewers ask for.
func validate(file string, data []byte) (manifest, error) {
	var m manifest
	if err := yaml.UnmarshalStrict(data, &m); err != nil {
		return m, err
	}
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	check(m.APIVersion == "krew.googlecontainertools.github.com/v1alpha2" && m.Kind == "Plugin", "it is a %s of %s", m.Kind, m.APIVersion)
	check(m.Metadata.Name+".yaml" == path.Base(file), "name %q is not that of file %s", m.Metadata.Name, file)
	check(regexp.MustCompile(`^[a-z][a-z0-9-]*$`).MatchString(m.Metadata.Name), "name %q is not kebab-case", m.Metadata.Name)
	s := m.Spec
	check(regexp.MustCompile(`^v(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?$`).MatchString(s.Version), "version %q is not a v and a semantic version", s.Version)
	check(strings.HasPrefix(s.Homepage, "https://"), "homepage is %q", s.Homepage)
	check(s.ShortDescription != "" && len(s.ShortDescription) < 50 && !strings.Contains(s.ShortDescription, "\n"), "short description has %d characters", len(s.ShortDescription))
	check(!strings.HasSuffix(s.ShortDescription, "."), "short description ends with a full stop")
	check(s.Description != "", "there is no description")
	for line := range strings.SplitSeq(s.Description+s.Caveats, "\n") {
		check(len(line) <= 80, "line is longer than 80: %s", line)
	}
	check(len(s.Platforms) > 0, "there is no platform")
	seen := map[string]bool{}
	for _, p := range s.Platforms {
		check(!seen[p.name()], "%s is there twice", p.name())
		seen[p.name()] = true
		errs = append(errs, p.validate())
	}
	return m, errors.Join(errs...)
}

func (p platform) validate() error {
	suffix, archive := "", ".tar.gz"
	if p.Selector.MatchLabels.OS == "windows" {
		suffix, archive = ".exe", ".zip"
	}
	switch {
	case !regexp.MustCompile(`^((windows|linux|darwin)/(386|amd64|arm64)|linux/(arm|ppc64le))$`).MatchString(p.name()):
		return fmt.Errorf("platform %s is not supported", p.name())
	case !strings.HasPrefix(p.URI, "https://") || !strings.HasSuffix(p.URI, archive):
		return fmt.Errorf("%s: archive %q is no %s over https", p.name(), p.URI, archive)
	case !regexp.MustCompile(`^[0-9a-f]{64}$`).MatchString(p.SHA256):
		return fmt.Errorf("%s: sha256 %q is not 64 hexadecimal digits", p.name(), p.SHA256)
	case p.Bin != "kubectl-meshbench"+suffix:
		return fmt.Errorf("%s: program is %q", p.name(), p.Bin)
	}
	return nil
}
