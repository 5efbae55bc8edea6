// Package resource turns what was seen of containers and nodes into what they
// used over a window, and that into what a request costs. It is pure.
package resource
