package cluster

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/cgroup"
	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/layout"
	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/network"
)

const downLimit = 30 * time.Second

// Down takes a cluster of that name down, whatever state it is in, and leaves
// nothing behind. A cluster that does not exist is down already.
func Down(ctx context.Context, name string) error {
	if err := layout.ValidateName(name); err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(ctx, downLimit)
	defer stop()
	l := layout.Layout{Name: name}
	link := ""
	if slot, held := slotOf(name); held {
		l.Slot = slot
		link = l.HostLink()
	}
	// Everything of a cluster runs below its control group.
	errs := []error{cgroup.Kill(ctx, l.Cgroup())}
	errs = append(errs, unmountBelow(layout.Dir(name)))
	errs = append(errs, network.Down(ctx, name, link))
	errs = append(errs, cgroup.Remove(ctx, l.Cgroup()))
	errs = append(errs, os.RemoveAll(layout.Dir(name)))
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("take cluster %s down: %w", name, err)
	}
	if link != "" {
		if err := os.Remove(slotFile(l.Slot)); err != nil {
			return fmt.Errorf("take cluster %s down: %w", name, err)
		}
	}
	removeEmpty(layout.SlotDir(), layout.Base+"/clusters", layout.Base)
	return nil
}

// removeEmpty removes directories that hold nothing any more.
func removeEmpty(dirs ...string) {
	for _, dir := range dirs {
		_ = syscall.Rmdir(dir)
	}
}

// unmountBelow takes away mounts that escaped into the machine's own mount
// namespace, the deepest first.
func unmountBelow(dir string) error {
	file, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	var points []string
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if fields := strings.Fields(lines.Text()); len(fields) > 4 && strings.HasPrefix(fields[4], dir+"/") {
			points = append(points, fields[4])
		}
	}
	slices.Sort(points)
	slices.Reverse(points)
	var errs []error
	for _, point := range points {
		errs = append(errs, syscall.Unmount(point, syscall.MNT_DETACH))
	}
	return errors.Join(append(errs, lines.Err())...)
}
