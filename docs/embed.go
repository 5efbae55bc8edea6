// Package docs carries the pages that the plugin prints.
package docs

import _ "embed"

// Findings is findings.md: a section for each code of a finding.
//
//go:embed findings.md
var Findings string
