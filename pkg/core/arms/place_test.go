package arms

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/meshbench/kubectl-meshbench/pkg/core/command"
)

func TestPlacesAreReadAsTheyAreWritten(t *testing.T) {
	for text, want := range map[string]Place{
		"shop":                      {Namespace: "shop"},
		"shop@staging":              {Namespace: "shop", Context: "staging"},
		"shop@admin@cluster.local":  {Namespace: "shop", Context: "admin@cluster.local"},
		"shop@arn:aws:eks:1:c/prod": {Namespace: "shop", Context: "arn:aws:eks:1:c/prod"},
	} {
		got, err := ParsePlace(text)
		if err != nil || got != want || got.String() != text {
			t.Errorf("%q reads as %+v (%v), want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "@staging", "shop@", "Shop", "a b", "shop/x"} {
		if got, err := ParsePlace(text); err == nil {
			t.Errorf("%q reads as %+v", text, got)
		}
	}
}

func FuzzPlace(f *testing.F) {
	f.Add("shop@arn:aws:eks:1:c/prod")
	f.Add("a@@")
	f.Fuzz(func(t *testing.T, text string) {
		place, err := ParsePlace(text)
		if err != nil {
			return
		}
		if place.String() != text {
			t.Errorf("%q reads as %+v", text, place)
		}
		if problems := validation.IsValidLabelValue(place.armName()); len(problems) > 0 {
			t.Errorf("arm of %q is called %q: %v", text, place.armName(), problems)
		}
	})
}

// Two clusters may have namespaces of one name.
func TestArmsOfTwoClusters(t *testing.T) {
	here, there := namespaces{ns("shop", "baseline")}, namespaces{ns("shop", "meshed")}
	from := func(context string) (Namespaces, error) {
		switch context {
		case "":
			return here, nil
		case "prod":
			return there, nil
		}
		return nil, fmt.Errorf("no context %q", context)
	}
	arms, err := Find(t.Context(), from, Choice{Baseline: Place{Namespace: "shop"}, Meshed: []Place{{"shop", "prod"}}},
		command.Lines{})
	if err != nil || len(arms) != 2 || arms[0].Name != "shop" || arms[1].Name != "shop.prod" || arms[1].Context != "prod" {
		t.Errorf("arms %+v, error %v", arms, err)
	}
	there[0].Annotations = nil
	_, err = Find(t.Context(), from, Choice{Baseline: Place{Namespace: "shop"}, Meshed: []Place{{"shop", "prod"}}},
		command.Lines{})
	if err == nil ||
		!strings.Contains(err.Error(), "kubectl --context prod annotate namespace shop meshbench.dev/role=meshed") {
		t.Errorf("error %v does not say what to type", err)
	}
	if _, err = Find(t.Context(), from, Choice{Baseline: Place{Namespace: "shop"},
		Meshed: []Place{{"shop", "nowhere"}}}, command.Lines{}); err == nil {
		t.Error("a context that is not there gives no error")
	}
}

// Commas separate places, and are part of a context's name where nothing behind
// them could be a namespace.
func TestCommasOfContextsSplitNothing(t *testing.T) {
	for text, want := range map[string][]string{
		"shop":                  {"shop"},
		"shop,store":            {"shop", "store"},
		"shop@a,store@b":        {"shop@a", "store@b"},
		"shop@a,store":          {"shop@a", "store"},
		`shop@prod, "b"@corp's`: {`shop@prod, "b"@corp's`},
		"shop@EU,West,store":    {"shop@EU,West", "store"},
		`"shop@a,b",store`:      {"shop@a,b", "store"},
		"shop,":                 {"shop", ""},
		"":                      {""},
	} {
		if got, err := SplitPlaces(text); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q is %q, error %v; want %q", text, got, err, want)
		}
	}
	if _, err := SplitPlaces(`"shop`); err == nil {
		t.Error("an open quote is read")
	}
}
