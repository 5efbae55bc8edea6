// Package resource turns what was seen of containers and nodes into what they
// used over a window, and that into what a request costs. It is pure. What is
// seen from outside of the pods comes from package meter.
package resource
