// Package cgroup keeps everything of a cluster below one control group, so
// that nothing of it can be lost: to end a cluster is to empty that group.
package cgroup

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Hierarchies lists the mount points of all control group hierarchies.
func Hierarchies() ([]string, error) {
	file, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return nil, fmt.Errorf("list control groups: %w", err)
	}
	defer func() { _ = file.Close() }()
	var found []string
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		before, after, ok := strings.Cut(lines.Text(), " - ")
		fields := strings.Fields(before)
		if !ok || len(fields) < 5 {
			continue
		}
		if kind, _, _ := strings.Cut(after, " "); kind == "cgroup" || kind == "cgroup2" {
			found = append(found, fields[4])
		}
	}
	if len(found) == 0 {
		return nil, errors.New("no control groups are mounted: mount them below /sys/fs/cgroup")
	}
	return found, lines.Err()
}

// Create makes a group in every hierarchy.
func Create(group string) error {
	hierarchies, err := Hierarchies()
	if err != nil {
		return err
	}
	for _, h := range hierarchies {
		path := h
		for _, part := range strings.Split(strings.Trim(group, "/"), "/") {
			parent := path
			path = filepath.Join(path, part)
			if err := os.Mkdir(path, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
				return fmt.Errorf("create control group: %w", err)
			}
			if err := inherit(parent, path); err != nil {
				return fmt.Errorf("create control group: %w", err)
			}
		}
	}
	return nil
}

// inherit hands down what a new group does not get by itself: in version 1 its
// processors and memory nodes, in version 2 its controllers.
func inherit(parent, child string) error {
	for _, name := range []string{"cpuset.cpus", "cpuset.mems"} {
		have, err := os.ReadFile(filepath.Join(child, name))
		if err != nil || strings.TrimSpace(string(have)) != "" {
			continue
		}
		data, err := os.ReadFile(filepath.Join(parent, name))
		if err != nil || strings.TrimSpace(string(data)) == "" {
			continue
		}
		if err := os.WriteFile(filepath.Join(child, name), data, 0o644); err != nil {
			return err
		}
	}
	if controllers, err := os.ReadFile(filepath.Join(parent, "cgroup.controllers")); err == nil {
		for _, c := range strings.Fields(string(controllers)) {
			// A controller that cannot be handed down is not used.
			_ = os.WriteFile(filepath.Join(parent, "cgroup.subtree_control"), []byte("+"+c), 0o644)
		}
	}
	return nil
}

// Paths are a group's directories in all hierarchies.
func Paths(group string) ([]string, error) {
	hierarchies, err := Hierarchies()
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, h := range hierarchies {
		paths = append(paths, filepath.Join(h, group))
	}
	return paths, nil
}

// Kill ends every process of a group and of the groups below, and returns when
// none is left.
func Kill(ctx context.Context, group string) error {
	for {
		pids, err := processes(group)
		if err != nil {
			return err
		}
		if len(pids) == 0 {
			return nil
		}
		for _, pid := range pids {
			// It may have ended by itself.
			_ = syscall.Kill(pid, syscall.SIGKILL)
			_ = syscall.Kill(pid, syscall.SIGCONT)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("processes %v do not end: %w", pids, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func processes(group string) ([]int, error) {
	paths, err := Paths(group)
	if err != nil {
		return nil, err
	}
	seen := map[int]bool{}
	var pids []int
	for _, path := range paths {
		err := filepath.WalkDir(path, func(file string, d fs.DirEntry, err error) error {
			if err != nil || !d.IsDir() {
				return nil // groups come and go while we look
			}
			data, err := os.ReadFile(filepath.Join(file, "cgroup.procs"))
			if err != nil {
				return nil
			}
			for _, word := range strings.Fields(string(data)) {
				if pid, err := strconv.Atoi(word); err == nil && pid > 0 && !seen[pid] {
					seen[pid] = true
					pids = append(pids, pid)
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return pids, nil
}

// Remove removes a group and all below it; they must be empty.
func Remove(ctx context.Context, group string) error {
	paths, err := Paths(group)
	if err != nil {
		return err
	}
	for _, path := range paths {
		for {
			err := removeTree(path)
			if err == nil {
				break
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("remove control group: %w", err)
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
	return nil
}

func removeTree(path string) error {
	entries, err := os.ReadDir(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.IsDir() {
			if err := removeTree(filepath.Join(path, e.Name())); err != nil {
				return err
			}
		}
	}
	if err := syscall.Rmdir(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
