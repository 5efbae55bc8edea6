package arms

import (
	"encoding/csv"
	"fmt"
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Place is a namespace, and the kubeconfig context of its cluster. Without a
// context it is in the cluster of the run.
type Place struct{ Namespace, Context string }

// anywhere stands for a namespace that the user is yet to choose.
var anywhere = Place{Namespace: "NAMESPACE"}

// ParsePlace reads NAMESPACE or NAMESPACE@CONTEXT. The first "@" ends the
// namespace, because names of contexts may hold one.
func ParsePlace(text string) (Place, error) {
	namespace, context, named := strings.Cut(text, "@")
	if problems := validation.IsDNS1123Label(namespace); len(problems) > 0 {
		return Place{}, fmt.Errorf("%q is no namespace: %s", namespace, strings.Join(problems, "; "))
	}
	if named && context == "" {
		return Place{}, fmt.Errorf("%q names no context behind the @", text)
	}
	return Place{Namespace: namespace, Context: context}, nil
}

// beginsPlace is how a place begins that stands behind a comma.
var beginsPlace = regexp.MustCompile(`^[a-z0-9][-a-z0-9]*(@|,|$)`)

// SplitPlaces splits a list of places at its commas, but for those of contexts'
// names: behind such a one comes nothing that could be a namespace. A list in
// double quotes is read as a line of CSV, for names that would be split.
func SplitPlaces(text string) ([]string, error) {
	if strings.HasPrefix(text, `"`) {
		all, err := csv.NewReader(strings.NewReader(text)).Read()
		if err != nil {
			return nil, fmt.Errorf("%s is no line of CSV: %w", text, err)
		}
		return all, nil
	}
	all := []string{""}
	for rest := text; ; {
		part, behind, more := strings.Cut(rest, ",")
		last := &all[len(all)-1]
		*last += part
		if !more {
			return all, nil
		}
		if rest = behind; strings.Contains(*last, "@") && !beginsPlace.MatchString(rest) {
			*last += ","
			continue
		}
		all = append(all, "")
	}
}

// String is how ParsePlace reads it.
func (p Place) String() string {
	if p.Context == "" {
		return p.Namespace
	}
	return p.Namespace + "@" + p.Context
}

// PlaceOf is where an arm is.
func PlaceOf(a v1alpha1.Arm) Place { return Place{Namespace: a.Namespace, Context: a.Context} }

// notInName is what a context's name may hold and an arm's may not.
var notInName = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// armName is what reports call an arm that is not annotated with a name: two
// clusters may have namespaces of one name.
func (p Place) armName() string {
	if p.Context == "" {
		return p.Namespace
	}
	name := p.Namespace + "." + notInName.ReplaceAllString(p.Context, "-")
	return strings.TrimRight(name[:min(len(name), validation.LabelValueMaxLength)], "._-")
}
