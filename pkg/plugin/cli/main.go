package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// Main runs the command line and returns the exit code of the process. The
// first signal stops what runs and lets it clean up; the second makes Main
// return at once, and says what was left behind.
func Main(ctx context.Context, signals <-chan os.Signal, build Build, streams genericiooptions.IOStreams,
	args []string) int {
	a := newApp(build.Version, streams)
	a.workerDigest = build.WorkerDigest
	a.args = args
	command := newRoot(a) //nolint:contextcheck // commands get their context when they run
	command.SetArgs(args)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	ended := make(chan error, 1)
	go func() { ended <- command.ExecuteContext(ctx) }()
	var stopped *interruptedError
	for {
		select {
		case s := <-signals:
			if stopped != nil {
				// A terminal or a pipe that takes no more words must not hold the process.
				said := make(chan struct{})
				go func() { defer close(said); a.sayLeft() }()
				select {
				case <-said:
				case <-time.After(sayLimit):
				}
				return stopped.code()
			}
			stopped = &interruptedError{signal: s}
			cancel(stopped)
		case err := <-ended:
			if err != nil {
				_, _ = fmt.Fprintf(streams.ErrOut, "error: %s\n%s\n", term.CleanLines(err.Error()),
					exitReason(exitCode(err)))
			}
			return exitCode(err)
		}
	}
}

// sayLimit is how long the last words may take.
const sayLimit = time.Second

// sayLeft tells a user who would not wait how to remove what a run left.
func (a *app) sayLeft() {
	if r := a.running.Load(); r != nil {
		_, _ = fmt.Fprintf(a.streams.ErrOut, "\nleft without cleaning up; remove what run %s left with%s\n", r.id, r.lines)
	}
}

// interruption is the signal that ended ctx, if one did.
func interruption(ctx context.Context) error {
	var stopped *interruptedError
	if errors.As(context.Cause(ctx), &stopped) {
		return stopped
	}
	return nil
}
