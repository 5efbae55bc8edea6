package session

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/arms"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/journal"
)

// Continue goes on with a run that was interrupted, through the same door as a
// new one: the journal is a file, and says neither who consents nor what may be
// started where. Consent is read from the annotations as they are now, how
// targets are addressed from the catalogue, and image and pull secrets must be
// those of the request.
func Continue(ctx context.Context, at *Clusters, entry journal.Entry, r Request,
	asked Trusted) (*Session, error) {
	id := entry.Plan.RunID
	refuse := func(err error) error {
		return invalid("journal of run %s: %w: it cannot go on; start a new run", id, err)
	}
	if err := replannable(entry.Plan); err != nil {
		return nil, refuse(err)
	}
	if at.Own() != entry.Context {
		return nil, invalid("run %s was begun in context %q, this is %q", id, entry.Context, at.Own())
	}
	if err := r.sameImage(entry.Plan, asked); err != nil {
		return nil, invalid("run %s: %w", id, err)
	}
	r.Experiments = entry.Plan.Experiments
	found, err := arms.Find(ctx, func(context string) (arms.Namespaces, error) { return at.In(context) },
		choiceOf(entry.Plan), r.Say)
	if err != nil {
		return nil, err
	}
	found, known, err := r.recognise(ctx, at, found)
	if err != nil {
		return nil, err
	}
	if err := sameArms(entry.Plan, found, known); err != nil {
		return nil, refuse(err)
	}
	called, err := r.called(ctx, at, found)
	if err != nil {
		return nil, err
	}
	if !same(entry.Plan.Called, called) {
		return nil, refuse(errors.New("the Service that it calls is another one now, or allows another rate"))
	}
	return &Session{clusters: at, input: entry.Plan, plan: plan.Make(entry.Plan), meshes: known,
		objectives: r.Objectives, before: &entry}, nil
}

// choiceOf names the namespaces of a run as its user would.
func choiceOf(in plan.Input) arms.Choice {
	c := arms.Choice{BaselineOnly: experiment.BaselineOnly(in.Experiments)}
	for _, a := range in.Arms {
		switch a.Role {
		case v1alpha1.RoleBaseline:
			c.Baseline = arms.PlaceOf(a)
		case v1alpha1.RoleControl:
			c.Control = true
		default:
			c.Meshed = append(c.Meshed, arms.PlaceOf(a))
		}
	}
	return c
}

// Trusted is what a run may only be given by the command line that goes on with
// it: code, and the names of credentials.
type Trusted struct {
	Image, PullPolicy, ServiceAccount string
	PullSecrets                       []string
	// HeaderSecrets are as --header-secret takes them.
	HeaderSecrets []string
}

// Args are the flags that say it.
func (t Trusted) Args() []string {
	var args []string
	for _, f := range []struct{ name, value string }{
		{"--image", t.Image}, {"--image-pull-policy", t.PullPolicy}, {"--service-account", t.ServiceAccount},
	} {
		if f.value != "" {
			args = append(args, f.name, f.value)
		}
	}
	for _, s := range t.PullSecrets {
		args = append(args, "--image-pull-secret", s)
	}
	for _, s := range t.HeaderSecrets {
		args = append(args, "--header-secret", s)
	}
	return args
}

// trustedOf is what a journal says of it.
func trustedOf(in plan.Input) Trusted {
	t := Trusted{Image: in.Image, PullPolicy: in.PullPolicy, PullSecrets: slices.Clone(in.PullSecrets)}
	if s := experiment.Service(in.Experiments); s != nil {
		for _, h := range s.Headers {
			if h.FromSecret != nil {
				t.HeaderSecrets = append(t.HeaderSecrets, h.Name+"="+h.FromSecret.Name+"/"+h.FromSecret.Key)
			}
		}
	}
	for _, e := range in.Experiments {
		if p := e.Spec.Pods; p != nil {
			t.ServiceAccount = cmp.Or(t.ServiceAccount, p.ServiceAccountName)
			for _, s := range p.ImagePullSecrets {
				if !slices.Contains(t.PullSecrets, s) {
					t.PullSecrets = append(t.PullSecrets, s)
				}
			}
		}
	}
	return t
}

// sameImage holds what a journal would start in namespaces to what was asked for.
func (r Request) sameImage(in plan.Input, asked Trusted) error {
	said := trustedOf(in)
	if slices.Equal(said.Args(), asked.Args()) {
		return nil
	}
	return fmt.Errorf("its journal has other images, pull secrets or service accounts than this command: "+
		"if the journal is right, say so with\n  %s",
		r.Say.Plugin("", append([]string{"run", "--resume", in.RunID}, said.Args()...)...))
}

// sameArms holds the arms of a journal to those that annotations and catalogue
// make now.
func sameArms(in plan.Input, found []v1alpha1.Arm, known meshes) error {
	if len(in.Arms) != len(found) {
		return fmt.Errorf("it has %d arms, and the annotations make %d", len(in.Arms), len(found))
	}
	for i, was := range in.Arms {
		is := found[i]
		if was.Name != is.Name || was.Role != is.Role || was.Namespace != is.Namespace || was.Context != is.Context ||
			was.Mesh != is.Mesh {
			return fmt.Errorf("arm %s was %s %s in mesh %q, and now there is arm %s, %s %s in mesh %q", was.Name, was.Role,
				arms.PlaceOf(was), was.Mesh, is.Name, is.Role, arms.PlaceOf(is), is.Mesh)
		}
	}
	if !same(in.Addressing, arms.Addressing(known.catalogue, found)) ||
		!same(in.Counters, arms.Counters(known.catalogue, found)) {
		return errors.New("what it says of how meshes want to be addressed, and of their counters, " +
			"is not what this release knows of them")
	}
	return nil
}

// same compares values as they are written; nothing and an empty map are one.
func same[K comparable, V any](a, b map[K]V) bool {
	if len(a) == 0 && len(b) == 0 {
		return true
	}
	left, leftErr := json.Marshal(a)
	right, rightErr := json.Marshal(b)
	return leftErr == nil && rightErr == nil && bytes.Equal(left, right)
}

// replannable checks what a journal says of a run before it is planned again:
// the file may be damaged, edited, or of another version.
func replannable(in plan.Input) error {
	if len(in.Experiments) == 0 || len(in.Arms) == 0 || in.Arms[0].Role != v1alpha1.RoleBaseline {
		return errors.New("it names no experiment, or no baseline")
	}
	if in.Key.IsZero() {
		return errors.New("it has no key to read its workers' logs with, as those of older releases have none")
	}
	if in.Now.After(time.Now().Add(time.Hour)) {
		return fmt.Errorf("it was begun at %s, which is yet to come", in.Now)
	}
	for _, a := range in.Arms {
		if problems := validation.IsDNS1123Label(a.Namespace); len(problems) > 0 {
			return fmt.Errorf("%.80q is no namespace", a.Namespace)
		}
	}
	for i, e := range in.Experiments {
		resolved, err := experiment.Resolve(e)
		if err != nil {
			return fmt.Errorf("experiment %s: %w", e.Metadata.Name, err)
		}
		in.Experiments[i] = resolved
	}
	return nil
}
