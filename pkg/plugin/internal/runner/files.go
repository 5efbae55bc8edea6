package runner

import (
	"fmt"

	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// FilesError says that a worker may not have as many connections open as the
// run's largest level wants: its trials would fail in the middle, each in its turn.
type FilesError struct {
	// Who is the pod, and Need and Limit the numbers of open files.
	Who         string
	Need, Limit int64
}

func (e *FilesError) Error() string {
	return fmt.Sprintf("%s may have %d files and connections open at once, and the largest level needs %d: "+
		"lower spec.factors.connections, or raise the node's limit (LimitNOFILE of its container runtime)",
		e.Who, e.Limit, e.Need)
}

// files compares what a worker says of its limit, or passes on of the target's,
// with what the whole run needs. A limit of 0 is none, or not known.
func (x *run) files(f wire.Frame) error {
	load, target := x.plan.OpenFiles()
	if f.Hello != nil && f.Hello.OpenFiles > 0 && f.Hello.OpenFiles < load {
		return &FilesError{"a load pod", load, f.Hello.OpenFiles}
	}
	if p := f.Probe; p != nil && p.Impostor == "" && p.OpenFiles > 0 && p.OpenFiles < target {
		return &FilesError{"the target", target, p.OpenFiles}
	}
	return nil
}
