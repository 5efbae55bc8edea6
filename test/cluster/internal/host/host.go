// Package host prepares the machine: it says whether a cluster can run here,
// installs the Debian packages that are missing, and runs programs.
package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// Require reports in one sentence what this machine lacks to hold a cluster.
func Require() error {
	if runtime.GOOS != "linux" {
		return fmt.Errorf("the throwaway cluster needs Linux, this is %s: name another cluster in MESHBENCH_TEST_KUBECONFIG",
			runtime.GOOS)
	}
	if os.Geteuid() != 0 {
		return errors.New("the throwaway cluster needs root, for network namespaces and control groups: run this as root, or name another cluster in MESHBENCH_TEST_KUBECONFIG")
	}
	return nil
}

// Run runs a program and returns its standard output. The error holds what the
// program said on standard error.
func Run(ctx context.Context, name string, args ...string) (string, error) {
	return RunWith(ctx, nil, name, args...)
}

// RunWith is Run with a standard input.
func RunWith(ctx context.Context, in io.Reader, name string, args ...string) (string, error) {
	c := exec.CommandContext(ctx, name, args...)
	var out, said bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = in, &out, &said
	if err := c.Run(); err != nil {
		return out.String(), fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, strings.TrimSpace(said.String()))
	}
	return out.String(), nil
}
