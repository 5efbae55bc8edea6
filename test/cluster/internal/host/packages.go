package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// program is what a cluster needs, and the Debian package that brings it.
type program struct{ path, debian string }

func programs() []program {
	return []program{
		{"containerd", "containerd"},
		{"ctr", "containerd"},
		{"runc", "runc"},
		{"/usr/lib/cni/ptp", "containernetworking-plugins"},
		{"/usr/lib/cni/host-local", "containernetworking-plugins"},
		{"iptables", "iptables"},
		{"conntrack", "conntrack"},
		{"ip", "iproute2"},
		{"tc", "iproute2"},
		{"nsenter", "util-linux"},
		{"unshare", "util-linux"},
		{"mount", "mount"},
	}
}

// BPFCompiler is the directory of a clang that compiles Cilium's programs. Version 19
// refuses those of 1.15: it warns of more, and the agent takes warnings for errors.
const BPFCompiler = "/usr/lib/llvm-16/bin"

func compilers() []program {
	return []program{{BPFCompiler + "/clang", "clang-16"}, {"bpftool", "bpftool"}}
}

// noServices keeps a package from starting a service of its own.
const noServices = "/usr/sbin/policy-rc.d"

// Install installs the packages that are missing, and says so on log.
func Install(ctx context.Context, log io.Writer) error { return install(ctx, log, programs()) }

// InstallBPFCompiler is Install for what Cilium needs besides.
func InstallBPFCompiler(ctx context.Context, log io.Writer) error {
	return install(ctx, log, compilers())
}

func install(ctx context.Context, log io.Writer, needed []program) error {
	missing := map[string]bool{}
	for _, p := range needed {
		if _, err := exec.LookPath(p.path); err != nil {
			missing[p.debian] = true
		}
	}
	if len(missing) == 0 {
		return nil
	}
	var names []string
	for name := range missing {
		names = append(names, name)
	}
	if _, err := exec.LookPath("apt-get"); err != nil {
		return fmt.Errorf("missing: %s: install them (there is no apt-get here to do it)", strings.Join(names, ", "))
	}
	_, _ = fmt.Fprintf(log, "installing %s\n", strings.Join(names, ", "))
	if _, err := os.Stat(noServices); errors.Is(err, os.ErrNotExist) {
		if err := os.WriteFile(noServices, []byte("#!/bin/sh\nexit 101\n"), 0o755); err != nil {
			return fmt.Errorf("install packages: %w", err)
		}
		defer func() { _ = os.Remove(noServices) }()
	}
	if _, err := Run(ctx, "apt-get", "update", "-q"); err != nil {
		return fmt.Errorf("install packages: %w", err)
	}
	args := append([]string{"DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-q", "-y", "--no-install-recommends"},
		names...)
	if _, err := Run(ctx, "env", args...); err != nil {
		return fmt.Errorf("install packages: %w", err)
	}
	return nil
}
