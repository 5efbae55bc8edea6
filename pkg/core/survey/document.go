package survey

import "github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"

// Kind is the kind of a survey document.
const Kind = "Survey"

// Document is one system's row in every table, as it is written down.
type Document struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	// Metadata.Name is the id of the mesh in the catalogue, where it has one.
	Metadata v1alpha1.Metadata `json:"metadata"`
	Spec     Spec              `json:"spec"`
}

// Spec is what a document says of a system.
type Spec struct {
	Title string `json:"title"`
	Role  Role   `json:"role"`
	// Thesis is absent for systems that the thesis does not name.
	Thesis *Thesis `json:"thesis,omitempty"`
	// Note says what the system is, where that needs saying.
	Note string `json:"note,omitempty"`
	// Sources are the texts that were read, by a short name that cells use.
	Sources map[string]Source `json:"sources,omitempty"`
	// Tables are cells by the ids of table and column.
	Tables map[string]map[string]Cell `json:"tables"`
}

// Thesis is how the thesis names a system.
type Thesis struct {
	// ID is SM1 to SM10, or "-" for those it lists and leaves out.
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Role says what a system is in the comparison.
type Role string

// The roles.
const (
	// RoleMesh: a mesh of its own, which the findings count.
	RoleMesh Role = "mesh"
	// RoleDerived: a distribution or managed offer of another mesh.
	RoleDerived Role = "derived"
	// RoleAddition: it adds to meshes and is none by itself.
	RoleAddition Role = "addition"
	// RoleExcluded: the thesis lists it and leaves it out.
	RoleExcluded Role = "excluded"
)

// Source is one text that was read.
type Source struct {
	// At is "owner/repository[@tag]:path", "owner/repository#number", or the
	// address of a page.
	At string `json:"at"`
	// Commit is that of the file that was read; empty for pages.
	Commit string `json:"commit,omitempty"`
	// Date is the day the text is from: that of the repository's commit, or the
	// day a page was read.
	Date string `json:"date"`
}

// Cell is one property of one system, as it is written down.
type Cell struct {
	// In2022 is what the thesis printed, to the letter; empty if it has no such
	// cell.
	In2022 string `json:"in2022,omitempty"`
	// Now is what a source says. It is empty if nobody has checked since 2022.
	Now    string `json:"now,omitempty"`
	Status Status `json:"status,omitempty"`
	// From names sources of the document.
	From []string `json:"from,omitempty"`
	// Says is the passage of the first source that carries the value.
	Says string `json:"says,omitempty"`
	Note string `json:"note,omitempty"`
}

// Status says how far a cell of today was checked.
type Status string

// The statuses.
const (
	// StatusVerified: a program found the passage in the source.
	StatusVerified Status = "verified"
	// StatusDocumented: it was read in the source.
	StatusDocumented Status = "verified-doc"
	// StatusUnverified: nobody has checked it since 2022.
	StatusUnverified Status = "unverified"
	// StatusDerived: computed from other cells.
	StatusDerived Status = "derived"
)
