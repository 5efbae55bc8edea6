// Package stats holds the statistics of paired, repeated measurements:
// histograms, intervals, rank tests and resampling. Everything is a pure
// function of its arguments. The methods are checked against reference values
// of SciPy, see testdata/reference.py.
package stats
