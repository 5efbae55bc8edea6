// Package build compiles the programs of a cluster once, and again only when
// what they are made of has changed.
package build

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// Program is something to compile.
type Program struct {
	// Name is that of the binary.
	Name string
	// Dir holds its main package; Module holds the go.mod that it belongs to.
	Dir, Module string
	// Package is its import path, if it is a dependency of the module in Dir.
	Package string
	LDFlags string
}

// Builder compiles programs into a cache directory.
type Builder struct {
	Cache string
	Log   io.Writer
}

// ForUser returns a builder that keeps binaries in the user's cache directory,
// for all projects and worktrees of that user.
func ForUser(log io.Writer) (Builder, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return Builder{}, fmt.Errorf("find the build cache: %w", err)
	}
	return Builder{Cache: filepath.Join(cache, "meshbench-test"), Log: log}, nil
}

// Binary returns the path of a program's binary, and compiles it if there is
// none of its sources, its dependencies and this Go.
func (b Builder) Binary(ctx context.Context, p Program) (string, error) {
	sum, err := fingerprint(p)
	if err != nil {
		return "", fmt.Errorf("build %s: %w", p.Name, err)
	}
	path := filepath.Join(b.Cache, p.Name+"-"+sum)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if err := os.MkdirAll(b.Cache, 0o755); err != nil {
		return "", fmt.Errorf("build %s: %w", p.Name, err)
	}
	_, _ = fmt.Fprintf(b.Log, "building %s (kept in %s)\n", p.Name, b.Cache)
	begun := time.Now()
	// Another process may build the same; the last rename wins, and both are whole.
	temp, err := os.MkdirTemp(b.Cache, ".build-")
	if err != nil {
		return "", fmt.Errorf("build %s: %w", p.Name, err)
	}
	defer func() { _ = os.RemoveAll(temp) }()
	out := filepath.Join(temp, p.Name)
	c := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags",
		strings.TrimSpace("-s -w "+p.LDFlags), "-o", out, cmp.Or(p.Package, "."))
	c.Dir = p.Dir
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false")
	if said, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", p.Name, err, said)
	}
	if err := os.Rename(out, path); err != nil {
		return "", fmt.Errorf("build %s: %w", p.Name, err)
	}
	_, _ = fmt.Fprintf(b.Log, "built %s in %s\n", p.Name, time.Since(begun).Round(time.Second))
	b.forgetOthers(p.Name, path)
	return path, nil
}

// forgetOthers removes binaries of former sources, which are large.
func (b Builder) forgetOthers(name, keep string) {
	old, err := filepath.Glob(filepath.Join(b.Cache, name+"-*"))
	if err != nil {
		return
	}
	for _, path := range old {
		if path != keep {
			_ = os.Remove(path) // a cluster that runs it keeps its copy
		}
	}
}

// fingerprint is of everything that decides a binary: sources, go.mod, go.sum,
// flags, and the compiler.
func fingerprint(p Program) (string, error) {
	h := sha256.New()
	_, _ = fmt.Fprintln(h, runtime.Version(), runtime.GOARCH, p.LDFlags)
	if p.Package != "" {
		_, _ = fmt.Fprintln(h, p.Package)
	}
	files := []string{filepath.Join(p.Module, "go.mod"), filepath.Join(p.Module, "go.sum")}
	err := filepath.WalkDir(p.Dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(path, ".go") {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		return "", err
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		_, _ = fmt.Fprintln(h, filepath.Base(path), len(data))
		_, _ = h.Write(data)
	}
	return hex.EncodeToString(h.Sum(nil))[:16], nil
}
