// Package manifests holds the documents that meshbench ships: the built-in
// experiments, the catalogue of meshes, the Role it needs, and example namespaces. They are embedded so
// that the plugin can run, print and explain them without a network.
package manifests

import "embed"

// Files holds experiments/*.yaml, meshes/*.yaml, rbac/*.yaml and
// namespaces/*.yaml.
//
//go:embed experiments/*.yaml meshes/*.yaml rbac/*.yaml namespaces/*.yaml
var Files embed.FS
