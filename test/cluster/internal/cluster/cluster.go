// Package cluster brings a whole Kubernetes cluster up on this machine and
// takes it down again without a trace.
package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/api"
	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/layout"
	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/process"
)

// Cluster is one cluster of this machine.
type Cluster struct {
	layout.Layout
	// Log is told what takes long.
	Log io.Writer
}

func (c Cluster) table() process.Table { return process.Table{Dir: c.ComponentDir()} }

const layoutFile = "cluster.json"

// Find returns the cluster of that name.
func Find(name string, log io.Writer) (Cluster, error) {
	if err := layout.ValidateName(name); err != nil {
		return Cluster{}, err
	}
	data, err := os.ReadFile(filepath.Join(layout.Dir(name), layoutFile))
	if errors.Is(err, fs.ErrNotExist) {
		return Cluster{}, fmt.Errorf("there is no cluster %q: make one with `up --name %s`", name, name)
	}
	if err != nil {
		return Cluster{}, fmt.Errorf("read cluster %s: %w", name, err)
	}
	c := Cluster{Log: log}
	if err := json.Unmarshal(data, &c.Layout); err != nil {
		return Cluster{}, fmt.Errorf("read cluster %s: %w", name, err)
	}
	return c, c.Validate()
}

// Names lists the clusters of this machine, whole or not.
func Names() ([]string, error) {
	entries, err := os.ReadDir(filepath.Dir(layout.Dir("x")))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list clusters: %w", err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, nil
}

// claim takes a free slot for a layout and records it, all under a lock.
func claim(l layout.Layout) (layout.Layout, error) {
	if err := os.MkdirAll(layout.SlotDir(), 0o755); err != nil {
		return layout.Layout{}, fmt.Errorf("claim a slot: %w", err)
	}
	lock, err := os.Open(layout.SlotDir())
	if err != nil {
		return layout.Layout{}, fmt.Errorf("claim a slot: %w", err)
	}
	defer func() { _ = lock.Close() }()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return layout.Layout{}, fmt.Errorf("claim a slot: %w", err)
	}
	for slot := range layout.MaxSlots {
		path := slotFile(slot)
		if holder, err := os.ReadFile(path); err == nil && string(holder) != l.Name {
			continue
		}
		l.Slot = slot
		if err := l.Validate(); err != nil {
			return l, err
		}
		if err := os.WriteFile(path, []byte(l.Name), 0o644); err != nil {
			return l, fmt.Errorf("claim a slot: %w", err)
		}
		for _, dir := range []string{l.BinDir(), l.PKIDir(), l.ConfigDir(), l.LogDir(), l.ComponentDir()} {
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return l, fmt.Errorf("make the cluster's directory: %w", err)
			}
		}
		data, err := json.Marshal(l)
		if err != nil {
			return l, err
		}
		return l, os.WriteFile(filepath.Join(l.Dir(), layoutFile), data, 0o644)
	}
	return layout.Layout{}, fmt.Errorf("all %d slots are taken: take clusters down with `down --all`", layout.MaxSlots)
}

func slotFile(slot int) string { return filepath.Join(layout.SlotDir(), strconv.Itoa(slot)) }

// slotOf is the slot that a cluster of that name holds, and whether it does.
func slotOf(name string) (int, bool) {
	for slot := range layout.MaxSlots {
		if holder, err := os.ReadFile(slotFile(slot)); err == nil && string(holder) == name {
			return slot, true
		}
	}
	return 0, false
}

func (c Cluster) api() (*api.Client, error) {
	read := func(file string) []byte {
		data, err := os.ReadFile(filepath.Join(c.PKIDir(), file))
		if err != nil {
			return nil // said by New
		}
		return data
	}
	return api.New(c.APIURL(), read("ca.crt"), read("admin.crt"), read("admin.key"))
}

// Status is nil if the cluster is whole: the API server ready, all nodes ready,
// all components running.
func (c Cluster) Status(ctx context.Context) error {
	var errs []error
	for _, name := range c.table().Names() {
		if _, err := c.table().PID(name); err != nil {
			errs = append(errs, err)
		}
	}
	client, err := c.api()
	if err != nil {
		return errors.Join(append(errs, err)...)
	}
	if err := client.Ready(ctx); err != nil {
		return errors.Join(append(errs, fmt.Errorf("the API server is not ready: %w", err))...)
	}
	ready, err := client.ReadyNodes(ctx)
	if err != nil || ready != c.Nodes {
		errs = append(errs, fmt.Errorf("%d of %d nodes are ready (%w)", ready, c.Nodes, err))
	}
	return errors.Join(errs...)
}

// await waits until check passes; a component that died ends the wait at once.
func (c Cluster) await(ctx context.Context, what string, limit time.Duration, check func(context.Context) error,
	needs ...string) error {
	ctx, stop := context.WithTimeout(ctx, limit)
	defer stop()
	for {
		err := check(ctx)
		if err == nil {
			return nil
		}
		for _, name := range needs {
			if _, died := c.table().PID(name); died != nil {
				return fmt.Errorf("%s: %w", what, died)
			}
		}
		select {
		case <-ctx.Done():
			text := ""
			for _, name := range needs {
				text += fmt.Sprintf("\nthe end of the log of %s:\n%s", name, process.Tail(c.logFile(name)))
			}
			return fmt.Errorf("%s: not within %s: %w%s", what, limit, err, text)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (c Cluster) logFile(component string) string {
	return filepath.Join(c.LogDir(), component+".log")
}
