package cli

import (
	"github.com/spf13/pflag"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/session"
)

// serviceFlags say which Service of the user's is called, and what may be done to it.
type serviceFlags struct {
	target, path string
	allow        session.Allowances
}

func (f *serviceFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.target, "target-service", "",
		"Call this Service of yours, NAME:PORT, in place of targets of our own; it must be in every namespace and "+
			"allow it by annotation "+v1alpha1.AnnotationMaxRate)
	flags.StringVar(&f.path, "path", "", "The path that is called of --target-service (default \"/\")")
	flags.BoolVar(&f.allow.Max, "allow-max", false,
		"Let load on a Service of yours be without a rate (closed loops, searches)")
	flags.BoolVar(&f.allow.Writes, "allow-writes", false,
		"Let requests to a Service of yours be of methods other than GET and HEAD")
	flags.BoolVar(&f.allow.Fragile, "allow-fragile", false,
		"Load a Service of yours though it is autoscaled or has one ready endpoint")
}

// apply puts the flags over what a document says.
func (f *serviceFlags) apply(given func(string) bool, s *v1alpha1.TargetService) (*v1alpha1.TargetService, error) {
	if !given("target-service") && !given("path") {
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
		return nil, usagef("--path is of --target-service, or of a document with spec.target.service: give one of them")
	}
	if given("path") {
		out.Path = f.path
	}
	return &out, nil
}
