// Package worker is the program that runs in the cluster: as the target that is
// measured against, or as the load that measures. Its results are frames on
// standard output; everything else goes to standard error.
package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/pkg/worker/internal/procstat"
)

// Program is the worker as a process sees it.
type Program struct {
	// Version must equal that of the plugin that reads the frames.
	Version string
	// Out takes the frames, and Log what is written for people.
	Out io.Writer
	Log *Log
	// Getenv reads the environment.
	Getenv func(string) string
}

// Run does what the arguments say, the mode first, until it is done or ctx ends.
func (p Program) Run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New("want a mode: target, load or version")
	}
	limitMemory(os.DirFS("/"), p.Getenv)
	p.Log.takeOver()
	switch mode := args[0]; mode {
	case "target":
		return p.target(ctx, args[1:])
	case "load":
		return p.load(ctx, args[1:])
	case "version":
		_, err := fmt.Fprintln(p.Out, p.Version)
		return err
	default:
		return fmt.Errorf("no mode %q: want target, load or version", mode)
	}
}

// newSampler has its files open, so that the first sample that counts is cheap.
func newSampler() *procstat.Sampler {
	s := procstat.NewSampler("/", os.Getpid(), time.Now())
	s.Sample()
	return s
}

func writeUsage(frames *wire.Writer) func(wire.Usage) error {
	return func(u wire.Usage) error { return frames.Write(wire.Frame{Type: wire.TypeUsage, Usage: &u}) }
}
