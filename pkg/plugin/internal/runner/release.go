package runner

import (
	"fmt"
	"strings"
)

// ReleaseError says that the image holds a worker of another release than the
// plugin: their numbers would be those of no release.
type ReleaseError struct {
	// Image is the one that ran.
	Image string
	// Worker and Plugin are the two releases.
	Worker, Plugin string
}

func (e *ReleaseError) Error() string {
	return fmt.Sprintf("image %s holds the worker of release %q, but this plugin is of release %q: use image %s",
		e.Image, e.Worker, e.Plugin, withTag(e.Image, e.Plugin))
}

// withTag returns image with another tag, and without a digest.
func withTag(image, tag string) string {
	name, _, _ := strings.Cut(image, "@")
	if i := strings.LastIndex(name, ":"); i > strings.LastIndex(name, "/") { // else it is a registry's port
		name = name[:i]
	}
	return name + ":" + tag
}
