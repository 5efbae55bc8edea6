// Package mesh is the catalogue of service meshes: how each is recognised, how
// namespaces are enrolled in it, how its targets are addressed, what proves
// that traffic goes through it, and where its costs arise. A mesh is a
// document; adding one needs no code. The package is pure.
//
// Facts have sources, and a fact that nobody has verified is not used: it is
// taken out when the document is read, so that what depends on it says
// "unknown" instead of guessing.
package mesh
