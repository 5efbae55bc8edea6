// Package survey holds the comparison of service meshes: the tables of chapter
// 3 of 'Experimental Performance Analysis of Service Mesh Systems' (2022) as
// printed, and the same cells today.
//
// Each cell knows what the thesis printed, what holds now, since when that is
// known, where it was read and how far that was checked. A cell that nobody has
// checked since 2022 says so. Table 3.10 and the findings F1 to F6 are computed
// from the other tables, so that they cannot contradict them. The package is
// pure; the documents are in manifests/survey.
package survey
