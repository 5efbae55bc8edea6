package cli

import (
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// Build is what a program was linked with.
type Build struct {
	Version string
	// WorkerDigest is that of the worker's image of this version, for all platforms;
	// empty for a build that is no release.
	WorkerDigest string
}

// image is the worker's image that was released with this build, by its digest where
// that was linked in: a tag may be moved. It is empty if there is none.
func (a *app) image() string {
	switch {
	case !released(a.version):
		return ""
	case a.workerDigest != "":
		return workerImage + ":" + a.version + "@" + a.workerDigest
	default:
		return workerImage + ":" + a.version
	}
}

// buildFacts are what a program says of itself.
type buildFacts struct {
	Version string `json:"version"`
	// Commit and Date are those of the source, absent where the build did not
	// record them.
	Commit       string `json:"commit,omitempty"`
	Date         string `json:"date,omitempty"`
	Go           string `json:"go"`
	Platform     string `json:"platform"`
	FrameVersion int    `json:"frameVersion"`
	// WorkerImage is the one that was released with this version, absent for a
	// build that is no release.
	WorkerImage string `json:"workerImage,omitempty"`
}

func (a *app) facts() buildFacts {
	facts := buildFacts{
		Version: a.version, WorkerImage: a.image(), Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
		FrameVersion: wire.Version,
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				facts.Commit = s.Value
			case "vcs.time":
				facts.Date = s.Value
			}
		}
	}
	return facts
}

// A pseudo-version names a commit, of which nobody published an image.
var (
	release = regexp.MustCompile(`^v\d+(\.\d+){0,2}(-[0-9A-Za-z.]+)?$`)
	pseudo  = regexp.MustCompile(`-(0\.|.*\.0\.)?\d{14}-[0-9a-f]{12}`)
)

// released reports whether an image was published with this version.
func released(version string) bool {
	return release.MatchString(version) && !pseudo.MatchString(version) && !strings.Contains(version, "SNAPSHOT")
}

// noImage is what an unreleased build says before it asks a cluster for an image
// that nobody published.
const noImage = `this build (%s) is no release, so no worker image was published for it
name one with --image: that of a release (` + workerImage + `:vX.Y.Z), or one of your own, from the same source:
  CGO_ENABLED=0 go build -o . ./cmd/meshbench-worker
  kubectl meshbench images --archive worker.tar --binary ./meshbench-worker --name my.registry/meshbench-worker:dev
'kubectl meshbench images --help' says how nodes come by it`
