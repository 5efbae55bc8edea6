// Package factor is the table of everything that experiments vary. One row says
// all there is to a factor: its name in documents, its default and bounds, what
// it sets of a trial, how it reads in a report, and where it stands on an axis.
// Whoever needs one of these looks it up here; see All. It is pure.
//
// A new factor is a field in v1alpha1 (Factors, and Level or Request) and a row
// in the table.
package factor
