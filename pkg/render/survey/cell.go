package survey

import (
	"fmt"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/core/survey"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// legend says how cells of today are marked.
const legend = "[n]: not what the thesis printed, see below the table. v?: nobody has checked since 2022, when the " +
	"thesis printed v; no rule counts it. Rows below the line are not in the thesis. Table 3.10: ● full, ◐ partly, " +
	"○ not, ? not decided; ○→● is a change. 'survey MESH' has every cell's source, and -o csv, json and html have all."

// sign is a grade as the thesis' table 3.10 draws it.
func sign(grade string) string {
	switch grade {
	case "full":
		return "●"
	case "partly":
		return "◐"
	case "not":
		return "○"
	}
	return "?"
}

// graded reports whether cells of a column are grades.
func graded(t survey.Table, column int) bool {
	id := t.Columns[column].ID
	return t.ID == "requirements" && (strings.HasPrefix(id, "FR") || strings.HasPrefix(id, "NFR"))
}

// short is a cell for a narrow table, without its sources.
func short(t survey.Table, column int, c survey.Shown, era survey.Era) string {
	if era == survey.In2022 {
		return term.Clean(c.Value)
	}
	if graded(t, column) && c.Value != "" {
		now := sign(c.Value)
		if c.Change == survey.Changed {
			return c.In2022 + "→" + now
		}
		return now
	}
	switch c.Change {
	case survey.Unchecked:
		return term.Clean(c.In2022) + "?"
	case survey.Absent:
		return ""
	}
	return term.Clean(c.Value)
}

// remark is what is said of a changed cell below its table.
func remark(r survey.Row, column survey.Column, c survey.Shown) string {
	text := fmt.Sprintf("%s, %s: was %s", r.Names[len(r.Names)-1], strings.ToLower(column.Title), c.In2022)
	if c.Note != "" {
		text += "; " + strings.TrimSuffix(c.Note, ".")
	}
	return term.Clean(text + "; " + origin(c))
}

// origin is where a cell's value was read, how far that was checked, and when
// the text is from.
func origin(c survey.Shown) string {
	var at []string
	for _, s := range c.Sources {
		at = append(at, s.At)
	}
	return fmt.Sprintf("%s (%s, as of %s)", strings.Join(at, ", "), c.Status, c.AsOf)
}

// noted reports whether a cell gets a remark.
func noted(t survey.Table, column int, c survey.Shown, era survey.Era) bool {
	return era == survey.Today && c.Change == survey.Changed && c.Status != survey.StatusDerived && !graded(t, column)
}

// grid is a table's cells with the titles first, and its remarks. split is the
// row before which those begin that the thesis has not; 0 if none does.
func grid(t survey.Table, era survey.Era) (lines [][]string, remarks []string, split int) {
	titles := t.FirstColumns(era)
	for _, c := range t.Columns {
		titles = append(titles, c.Title)
	}
	lines = append(lines, titles)
	for _, r := range t.Rows {
		if r.New && split == 0 {
			split = len(lines)
		}
		line := append([]string{}, r.Names...)
		for i, c := range r.Cells {
			text := short(t, i, c, era)
			if noted(t, i, c, era) {
				remarks = append(remarks, remark(r, t.Columns[i], c))
				text += fmt.Sprintf(" [%d]", len(remarks))
			}
			line = append(line, text)
		}
		lines = append(lines, line)
	}
	return lines, remarks, split
}
