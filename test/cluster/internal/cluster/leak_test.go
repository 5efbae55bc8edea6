//go:build cluster

package cluster

import (
	"context"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/cgroup"
	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/layout"
	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/network"
)

const leaktest = "leaktest"

// inventory is what a cluster could leave on a machine, one line for each thing.
func inventory(t *testing.T) []string {
	t.Helper()
	var all []string
	commands, err := filepath.Glob("/proc/[0-9]*/cgroup")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range commands {
		if data, err := os.ReadFile(path); err == nil && strings.Contains(string(data), "meshbench-test-"+leaktest) {
			name, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline"))
			all = append(all, "process "+strings.ReplaceAll(string(name), "\x00", " "))
		}
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(mounts)) {
		all = append(all, "mount "+strings.Fields(line)[4])
	}
	links, err := exec.Command("ip", "-brief", "link").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(links)) {
		all = append(all, "link "+strings.Fields(line)[0])
	}
	rules, err := exec.Command("iptables-save").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(rules)) {
		if strings.HasPrefix(line, "-A") {
			all = append(all, "rule "+strings.TrimSpace(line))
		}
	}
	hierarchies, err := cgroup.Hierarchies()
	if err != nil {
		t.Fatal(err)
	}
	places := append(hierarchies, "/run/netns", "/run/containerd", "/var/lib/containerd", "/var/lib/kubelet",
		"/var/lib/cni", "/var/log/pods", "/var/log/containers", "/etc/cni", layout.Base)
	for _, place := range places {
		err := filepath.WalkDir(place, func(path string, d fs.DirEntry, err error) error {
			other := strings.Contains(path, "meshbench") && !strings.Contains(path, leaktest) && path != layout.Base
			if err != nil || other {
				return nil // it is not there, or another cluster's
			}
			if d.IsDir() || place == "/run/netns" {
				all = append(all, "path "+path)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func wantSame(t *testing.T, before, after []string) {
	t.Helper()
	for _, line := range after {
		if _, there := slices.BinarySearch(before, line); !there {
			t.Errorf("left behind: %s", line)
		}
	}
}

func TestAClusterLeavesNothingBehind(t *testing.T) {
	source, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	up := func() Cluster {
		c, err := Up(ctx, layout.Layout{Name: leaktest, Nodes: 1}, source, os.Stderr)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	down := func() {
		if err := Down(ctx, leaktest); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		if err := Down(context.Background(), leaktest); err != nil {
			t.Error(err)
		}
	})
	down() // what is not there is down already
	before := inventory(t)
	c := up()
	if during := inventory(t); len(during) <= len(before)+20 {
		t.Errorf("the inventory of a running cluster has only %d things more: it sees too little", len(during)-len(before))
	}
	if err := c.Status(ctx); err != nil {
		t.Error(err)
	}
	for _, place := range []string{network.ControlPlane, "node-1"} {
		namespace := network.Namespace(c.Layout, place)
		if out, err := exec.Command("ip", "-n", namespace, "route", "get", "192.0.2.1").CombinedOutput(); err == nil {
			t.Errorf("%s has a route out: %s", place, out)
		}
	}
	again, err := Up(ctx, layout.Layout{Name: leaktest, Nodes: 1}, source, io.Discard)
	if err != nil || again.Slot != c.Slot {
		t.Errorf("up of a cluster that is up: %v", err)
	}
	// Everything dies at once, as after a crash.
	if err := cgroup.Kill(ctx, c.Cgroup()); err != nil {
		t.Fatal(err)
	}
	if err := c.Status(ctx); err == nil {
		t.Error("a dead cluster says that it is whole")
	}
	c = up()
	if err := c.Restart(ctx, "kube-apiserver"); err != nil {
		t.Error(err)
	}
	if err := c.Kill("kubelet-node-1"); err != nil {
		t.Error(err)
	}
	down()
	down()
	wantSame(t, before, inventory(t))
}

// A cluster that was only half built is taken down like any other.
func TestAHalfBuiltCluster(t *testing.T) {
	ctx := t.Context()
	before := inventory(t)
	l, err := claim(layout.Layout{Name: leaktest, Nodes: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := cgroup.Create(l.NodeCgroup("node-1")); err != nil {
		t.Fatal(err)
	}
	if err := exec.Command("ip", "netns", "add", "mbtest."+leaktest+".control-plane").Run(); err != nil {
		t.Fatal(err)
	}
	if err := Down(ctx, leaktest); err != nil {
		t.Fatal(err)
	}
	wantSame(t, before, inventory(t))
}
