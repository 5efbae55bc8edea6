package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/session"
)

// serviceFlags say which Service of the user's is called, and what may be done to it.
type serviceFlags struct {
	target, path string
	secrets      []string
	allow        session.Allowances
}

func (f *serviceFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.target, "target-service", "",
		"Call this Service of yours, NAME:PORT, in place of targets of our own; it must be in every namespace and "+
			"allow it by annotation "+v1alpha1.AnnotationMaxRate)
	flags.StringVar(&f.path, "path", "", "The path that is called of --target-service (default \"/\")")
	flags.StringArrayVar(&f.secrets, "header-secret", nil,
		"HEADER=SECRET/KEY, any number of times: a header of every request to a Service of yours, from a Secret of each "+
			"namespace; only load pods read it")
	flags.BoolVar(&f.allow.Max, "allow-max", false,
		"Let load on a Service of yours be without a rate (closed loops, searches)")
	flags.BoolVar(&f.allow.Writes, "allow-writes", false,
		"Let requests to a Service of yours be of methods other than GET and HEAD")
	flags.BoolVar(&f.allow.Fragile, "allow-fragile", false,
		"Load a Service of yours though it is autoscaled or has one ready endpoint")
}

// apply puts the flags over what a document says.
func (f *serviceFlags) apply(given func(string) bool, s *v1alpha1.TargetService) (*v1alpha1.TargetService, error) {
	if !given("target-service") && !given("path") && !given("header-secret") {
		return s, nil
	}
	var out v1alpha1.TargetService
	if s != nil {
		out = *s
	}
	if given("target-service") {
		name, port, err := experiment.ParseTargetService(f.target)
		if err != nil {
			return nil, usagef("--target-service: %w", err)
		}
		out.Name, out.Port = name, port
	} else if s == nil {
		return nil,
			usagef("--path and --header-secret are of --target-service, or of a document with spec.target.service: " +
				"give one of them")
	}
	if given("path") {
		out.Path = f.path
	}
	out.Headers = slices.Clone(out.Headers)
	for _, text := range f.secrets {
		header, err := parseHeaderSecret(text)
		if err != nil {
			return nil, usagef("--header-secret: %w", err)
		}
		same := func(h v1alpha1.RequestHeader) bool { return strings.EqualFold(h.Name, header.Name) }
		out.Headers = append(slices.DeleteFunc(out.Headers, same), header)
	}
	return &out, nil
}

func parseHeaderSecret(text string) (v1alpha1.RequestHeader, error) {
	name, from, ok := strings.Cut(text, "=")
	secret, key, ok2 := strings.Cut(from, "/")
	if !ok || !ok2 || name == "" || secret == "" || key == "" {
		return v1alpha1.RequestHeader{}, fmt.Errorf("%.80q is not HEADER=SECRET/KEY", text)
	}
	return v1alpha1.RequestHeader{Name: name, FromSecret: &v1alpha1.KeyOf{Name: secret, Key: key}}, nil
}
