// Package analyse turns the trials of a run into summaries, comparisons with
// the baseline, and findings that qualify them. It is pure.
package analyse
