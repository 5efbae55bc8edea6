// Package chart turns figures into the geometry of plots: scales, axes, and
// the marks drawn on them. It is pure, knows nothing of reports, and never
// fails: what cannot be placed, such as infinity or zero on a logarithmic
// scale, is left out. Everything it places is inside of the plot's view box.
package chart
