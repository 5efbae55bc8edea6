package survey

// Fixed is a table of the thesis' method: it compares no systems, and holds
// only as of 2022.
type Fixed struct {
	Number  string     `json:"number"`
	Title   string     `json:"title"`
	Columns []string   `json:"columns"`
	Rows    [][]string `json:"rows"`
}

// Method is how the thesis searched: tables 3.1 and 3.2.
func Method() []Fixed {
	return []Fixed{
		{Number: "3.1", Title: "Questionnaire to decide whether to include Grey Literature",
			Columns: []string{"Question", "Answer"}, Rows: [][]string{
				{"Is the subject “complex” and not solvable by considering only the formal literature?", "Yes"},
				{"Is there a lack of volume or quality of evidence, or a lack of consensus of outcome measurement " +
					"in the formal literature?", "Yes"},
				{"Is the contextual information important to the subject under study?", "Yes"},
				{"Is it the goal to validate or corroborate scientific outcomes with practical experiences?", "Yes"},
				{"Is it the goal to challenge assumptions or falsify results from practice using academic research " +
					"or vice versa?", "No"},
				{"Would a synthesis of insights and evidence from the industrial and academic community be useful " +
					"to one or even both communities?", "Yes"},
				{"Is there a large volume of practitioner sources indicating high practitioner interest in a topic?",
					"Yes"},
			}},
		{Number: "3.2", Title: "Search queries established in the review protocol",
			Columns: []string{"Query", "Search Strategy"}, Rows: [][]string{
				{"Q1 Service Mesh", "Initial Search"},
				{"Q2 Service Mesh Implementation", "Initial Search"},
				{"Q3 Identified Service Mesh System", "Snowballing"},
			}},
	}
}
