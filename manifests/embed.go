// Package manifests holds the documents that meshbench ships: the built-in
// experiments, the catalogue and the survey of meshes, the Roles it needs, dashboards, and
// example namespaces. They are embedded so that the plugin can run, print and
// explain them without a network.
package manifests

import "embed"

// Files holds experiments/*.yaml, meshes/*.yaml, survey/*.yaml, rbac/*.yaml,
// namespaces/*.yaml and dashboards/*.
//
//go:embed experiments/*.yaml meshes/*.yaml survey/*.yaml rbac/*.yaml namespaces/*.yaml dashboards/*
var Files embed.FS
