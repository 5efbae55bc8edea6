package mesh

import "strings"

// Measurement is a version of a mesh that meshbench was run on for real, with the
// mesh's own control plane and data plane.
type Measurement struct {
	// Version as the mesh names it.
	Version string `json:"version"`
	// How says where that was, what was part of it, and what was not.
	How string `json:"how"`
}

// The words for how far what is known of a mesh was tried.
const (
	BasisMeasured = "measured"
	BasisSources  = "from sources"
	// BasisImpossible: it is recognised, and nothing in it can be measured.
	BasisImpossible = "not possible"
)

// Basis says in a word or two whether a mesh was ever measured for real.
func (m Mesh) Basis() string {
	switch {
	case len(m.Measured) > 0:
		return BasisMeasured
	case m.Support == SupportDetect:
		return BasisImpossible
	default:
		return BasisSources
	}
}

// BasisText is Basis with what was measured, or whose versions the sources are of.
func (m Mesh) BasisText() string {
	var parts []string
	for _, one := range m.Measured {
		parts = append(parts, one.Version+": "+one.How)
	}
	switch {
	case len(parts) > 0:
		return strings.Join(parts, "; ")
	case m.Support == SupportDetect:
		return m.Address.Impossible
	case m.Lifecycle.LatestSeen != "":
		return "sources up to " + m.Lifecycle.LatestSeen
	default:
		return "sources without a version"
	}
}

// Called is how a mesh is named to somebody who is about to measure it: with how
// far it was tried, and the end of its support.
func (m Mesh) Called() string {
	text := m.Title + " (" + m.Basis() + ")"
	if m.Lifecycle.State != StateEnded && m.Lifecycle.State != StateArchived {
		return text
	}
	text += ", support ended"
	if m.Lifecycle.Since != "" {
		text += " on " + m.Lifecycle.Since
	}
	return text
}
