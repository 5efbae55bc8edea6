package cli

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// podFlags are what a user may say about all pods of a run. The rest of
// spec.pods is for --set.
type podFlags struct {
	labels, annotations       []string
	nodeSelector, tolerations []string
	priorityClass             string
	serviceAccount            string
	pullSecrets               []string
}

func (f *podFlags) add(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.labels, "pod-label", nil,
		"[ARM:]KEY=VALUE labels the pods of all arms, or of one, any number of times")
	flags.StringArrayVar(&f.annotations, "pod-annotation", nil,
		"[ARM:]KEY=VALUE annotates the pods of all arms, or of one, any number of times")
	flags.StringArrayVar(&f.tolerations, "toleration", nil,
		"KEY[=VALUE][:EFFECT] lets all pods onto nodes with that taint, any number of times")
	flags.StringArrayVar(&f.nodeSelector, "node-selector", nil,
		"KEY=VALUE is a label that nodes must have, any number of times")
	flags.StringVar(&f.priorityClass, "priority-class", "", "The PriorityClass of all pods")
	flags.StringVar(&f.serviceAccount, "service-account", "", "The ServiceAccount of all pods, in every namespace")
	flags.StringSliceVar(&f.pullSecrets, "image-pull-secret", nil,
		"Names of secrets to pull the image with, in every namespace")
}

// apply adds what was said to what a document says. Nothing of the document is
// changed in place: several experiments may share it.
func (f *podFlags) apply(document *v1alpha1.Pods) (*v1alpha1.Pods, error) {
	said := &v1alpha1.Pods{}
	if document != nil {
		said = document.DeepCopy()
	}
	err := errors.Join(
		marks(f.labels, "--pod-label", &said.Labels, &said.Arms,
			func(m *v1alpha1.PodMarks) *map[string]string { return &m.Labels }),
		marks(f.annotations, "--pod-annotation", &said.Annotations, &said.Arms,
			func(m *v1alpha1.PodMarks) *map[string]string { return &m.Annotations }),
		pairs(f.nodeSelector, "--node-selector", &said.NodeSelector),
	)
	if err != nil {
		return nil, err
	}
	for _, text := range f.tolerations {
		said.Tolerations = append(said.Tolerations, toleration(text))
	}
	if f.priorityClass != "" {
		said.PriorityClassName = f.priorityClass
	}
	if f.serviceAccount != "" {
		said.ServiceAccountName = f.serviceAccount
	}
	for _, name := range f.pullSecrets {
		if !slices.Contains(said.ImagePullSecrets, name) {
			said.ImagePullSecrets = append(said.ImagePullSecrets, name)
		}
	}
	if said.IsZero() {
		return nil, nil
	}
	return said, nil
}

// marks reads [ARM:]KEY=VALUE. No key holds a colon, and no arm's name.
func marks(texts []string, flag string, all *map[string]string, arms *map[string]v1alpha1.PodMarks,
	of func(*v1alpha1.PodMarks) *map[string]string) error {
	for _, text := range texts {
		key, value, ok := strings.Cut(text, "=")
		if !ok {
			return usagef("%s %q: want KEY=VALUE, or ARM:KEY=VALUE", flag, text)
		}
		arm, own, named := strings.Cut(key, ":")
		if !named {
			put(all, key, value)
			continue
		}
		if *arms == nil {
			*arms = map[string]v1alpha1.PodMarks{}
		}
		m := (*arms)[arm]
		put(of(&m), own, value)
		(*arms)[arm] = m
	}
	return nil
}

func pairs(texts []string, flag string, into *map[string]string) error {
	for _, text := range texts {
		key, value, ok := strings.Cut(text, "=")
		if !ok {
			return usagef("%s %q: want KEY=VALUE", flag, text)
		}
		put(into, key, value)
	}
	return nil
}

func put(into *map[string]string, key, value string) {
	if *into == nil {
		*into = map[string]string{}
	}
	(*into)[key] = value
}

// toleration reads KEY[=VALUE][:EFFECT], as taints are written.
func toleration(text string) v1alpha1.Toleration {
	taint, effect := text, ""
	if at := strings.LastIndex(text, ":"); at >= 0 {
		taint, effect = text[:at], text[at+1:]
	}
	key, value, valued := strings.Cut(taint, "=")
	t := v1alpha1.Toleration{Key: key, Value: value, Effect: effect, Operator: "Exists"}
	if valued {
		t.Operator = "Equal"
	}
	return t
}
