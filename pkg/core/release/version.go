// Package release tells which version a program is: plugin and worker, built from
// one source, must give the same answer.
package release

import (
	"cmp"
	"runtime/debug"
)

// Unknown is the version of a build that recorded none.
const Unknown = "dev"

// Version is what a build knows itself as: the one that was linked in, else the
// one that Go recorded of its module.
func Version(linked string) string {
	if linked != "" {
		return linked
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return Unknown
	}
	return Recorded(info)
}

// Recorded is the version of the module that a program was built from: of
// 'go install ...@vX' it is vX, of a checkout a pseudo-version or Unknown.
func Recorded(info *debug.BuildInfo) string {
	if v := info.Main.Version; v != "(devel)" {
		return cmp.Or(v, Unknown)
	}
	return Unknown
}
