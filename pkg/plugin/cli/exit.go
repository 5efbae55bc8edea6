package cli

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/meshbench/kubectl-meshbench/pkg/core/arms"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/runner"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/session"
)

// The exit codes.
const (
	exitOK           = 0
	exitOperational  = 1
	exitUsage        = 2
	exitBreached     = 3
	exitInconclusive = 4
	exitUncleaned    = 5
	// A process ended by a signal reports 128 and the signal's number.
	exitSignal = 128
)

// exitMeaning is what one exit code says.
type exitMeaning struct {
	code string
	text string
}

// exitMeanings is the table of exit codes, as help and documentation have it.
func exitMeanings() []exitMeaning {
	return []exitMeaning{
		{"0", "done"},
		{"1", "something failed: the cluster, the run, or a file"},
		{"2", "wrong usage, or no usable namespaces; nothing was created"},
		{"3", "an arm broke an objective (`--slo`), load on a Service of yours stopped itself, or `compare --gate` found a " +
			"regression"},
		{"4",
			"an objective is undecided, `compare --gate` cannot tell, or nothing could be compared; " +
				"0 with `--inconclusive=pass`"},
		{"5", "objects were left in the cluster; the command to remove them is printed"},
		{"130, 143", "interrupted, and cleaned up"},
	}
}

// exitReason is the last line of a command that does not end with 0.
func exitReason(code int) string {
	for _, m := range exitMeanings() {
		for _, one := range strings.Split(m.code, ", ") {
			if one == strconv.Itoa(code) {
				return fmt.Sprintf("exit code %d: %s", code, strings.ReplaceAll(m.text, "`", ""))
			}
		}
	}
	return fmt.Sprintf("exit code %d", code)
}

func exitHelp() string {
	var b strings.Builder
	for _, m := range exitMeanings() {
		fmt.Fprintf(&b, "  %-8s  %s\n", m.code, strings.ReplaceAll(m.text, "`", ""))
	}
	return strings.TrimRight(b.String(), "\n")
}

// usageError is what the user can fix by typing something else.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error {
	return &usageError{fmt.Errorf(format, args...)}
}

// breachedError says that an arm broke an objective.
type breachedError struct{ reason string }

func (e *breachedError) Error() string { return e.reason }

// inconclusiveError says that a run went to its end and still compares nothing.
type inconclusiveError struct{ reason string }

func (e *inconclusiveError) Error() string { return e.reason }

// uncleanedError says that objects of a run are still in the cluster.
type uncleanedError struct {
	run string
	// lines are the commands that remove them.
	lines string
	err   error
}

func (a *app) uncleaned(run string, contexts []string, err error) error {
	return &uncleanedError{run: run, lines: a.cleanupLines(run, contexts), err: err}
}

func (e *uncleanedError) Error() string {
	return fmt.Sprintf("objects of run %s are still in the cluster: %v\nremove them with%s", e.run, e.err, e.lines)
}

func (e *uncleanedError) Unwrap() error { return e.err }

// interruptedError says which signal stopped a run.
type interruptedError struct{ signal os.Signal }

func (e *interruptedError) Error() string { return "stopped by " + e.signal.String() }

func (e *interruptedError) code() int {
	if number, ok := e.signal.(syscall.Signal); ok {
		return exitSignal + int(number)
	}
	return exitOperational
}

// exitCode turns the outcome of a command into the process' exit code. Objects
// left behind matter more to the caller than why the run ended.
func exitCode(err error) int {
	var (
		uncleaned    *uncleanedError
		interrupted  *interruptedError
		usage        *usageError
		unusable     *arms.UnusableError
		invalid      *session.InvalidError
		breached     *breachedError
		stopped      *runner.StoppedError
		inconclusive *inconclusiveError
	)
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &uncleaned):
		return exitUncleaned
	case errors.As(err, &interrupted):
		return interrupted.code()
	case errors.As(err, &usage), errors.As(err, &unusable), errors.As(err, &invalid):
		return exitUsage
	case errors.As(err, &breached), errors.As(err, &stopped):
		return exitBreached
	case errors.As(err, &inconclusive):
		return exitInconclusive
	default:
		return exitOperational
	}
}
