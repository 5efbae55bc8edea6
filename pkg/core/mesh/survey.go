package mesh

// Survey is the mesh's row in each table that compares meshes, by the id of
// the table and then of the column. A table without a row leaves the mesh out.
type Survey struct {
	// ID is the mesh's number in the thesis of 2022; empty for later ones.
	ID string `json:"id,omitempty"`
	// Rows are the tables' cells.
	Rows map[string]map[string]Cell `json:"rows,omitempty"`
}

// Cell is one property of one mesh. In a document a plain text is a cell that
// was carried over from the thesis and not checked again.
type Cell struct {
	Value string `json:"value"`
	// Thesis is what the thesis of 2022 said, where that has changed.
	Thesis string `json:"thesis,omitempty"`
	// Status and From say who says so now.
	Status Status   `json:"status,omitempty"`
	From   []string `json:"from,omitempty"`
	Note   string   `json:"note,omitempty"`
}

// Changed reports whether the cell differs from the thesis of 2022.
func (c Cell) Changed() bool { return c.Status != "" }
