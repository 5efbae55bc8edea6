// Package process starts the daemons of a cluster and finds them again later,
// from another invocation of the tool.
package process

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Daemon says how to run one component.
type Daemon struct {
	Name string   `json:"name"`
	Argv []string `json:"argv"`
	Env  []string `json:"env,omitempty"`
	// Cgroups are the directories of the group it runs in.
	Cgroups []string `json:"cgroups"`
	Log     string   `json:"log"`
}

// record is a daemon that was started.
type record struct {
	Daemon
	PID int `json:"pid"`
	// StartTicks tells this process from a later one of the same id.
	StartTicks string `json:"startTicks"`
}

// Table keeps one record per daemon in a directory.
type Table struct{ Dir string }

// Start starts a daemon, detached from this process, and records it.
func (t Table) Start(d Daemon) error {
	log, err := os.OpenFile(d.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("start %s: %w", d.Name, err)
	}
	defer func() { _ = log.Close() }()
	// The shell enters the control groups before anything is forked.
	script := "for g in " + strings.Join(d.Cgroups, " ") + "; do echo $$ > $g/cgroup.procs || exit 125; done; exec \"$@\""
	c := exec.Command("/bin/sh", append([]string{"-c", script, d.Name}, d.Argv...)...)
	c.Stdout, c.Stderr, c.Env = log, log, append(os.Environ(), d.Env...)
	c.Dir = "/"
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := c.Start(); err != nil {
		return fmt.Errorf("start %s: %w", d.Name, err)
	}
	ticks, err := startTicks(c.Process.Pid)
	if err != nil {
		return fmt.Errorf("start %s: it ended at once: %s", d.Name, Tail(d.Log))
	}
	go func() { _ = c.Wait() }() // no zombie while this process lives
	data, err := json.MarshalIndent(record{Daemon: d, PID: c.Process.Pid, StartTicks: ticks}, "", "  ")
	if err != nil {
		return fmt.Errorf("start %s: %w", d.Name, err)
	}
	if err := os.WriteFile(filepath.Join(t.Dir, d.Name+".json"), data, 0o644); err != nil {
		return fmt.Errorf("start %s: %w", d.Name, err)
	}
	return nil
}

// Names lists the recorded daemons.
func (t Table) Names() []string {
	files, err := filepath.Glob(filepath.Join(t.Dir, "*.json"))
	if err != nil {
		return nil
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(filepath.Base(f), ".json")
	}
	return files
}

// PID is the process of a daemon that runs.
func (t Table) PID(name string) (int, error) {
	r, err := t.read(name)
	if err != nil {
		return 0, err
	}
	ticks, err := startTicks(r.PID)
	if err != nil || ticks != r.StartTicks {
		return 0, fmt.Errorf("%s does not run; the end of its log:\n%s", name, Tail(r.Log))
	}
	return r.PID, nil
}

// Signal sends a signal to a daemon that runs.
func (t Table) Signal(name string, s syscall.Signal) error {
	pid, err := t.PID(name)
	if err != nil {
		return err
	}
	if err := syscall.Kill(pid, s); err != nil {
		return fmt.Errorf("signal %s: %w", name, err)
	}
	return nil
}

// Restart ends a daemon and starts it again the same way.
func (t Table) Restart(ctx context.Context, name string) error {
	r, err := t.read(name)
	if err != nil {
		return err
	}
	if _, err := t.PID(name); err == nil {
		if err := t.Signal(name, syscall.SIGKILL); err != nil {
			return err
		}
		for {
			if _, err := t.PID(name); err != nil {
				break
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("%s does not end: %w", name, ctx.Err())
			case <-time.After(10 * time.Millisecond):
			}
		}
	}
	return t.Start(r.Daemon)
}

func (t Table) read(name string) (record, error) {
	data, err := os.ReadFile(filepath.Join(t.Dir, name+".json"))
	if errors.Is(err, fs.ErrNotExist) {
		return record{}, fmt.Errorf("no component %q: there are %s", name, strings.Join(t.Names(), ", "))
	}
	if err != nil {
		return record{}, fmt.Errorf("read component %s: %w", name, err)
	}
	var r record
	if err := json.Unmarshal(data, &r); err != nil {
		return record{}, fmt.Errorf("read component %s: %w", name, err)
	}
	return r, nil
}

// startTicks is field 22 of /proc/PID/stat, for a process that is no zombie. A
// process that was killed is one as soon as its first thread has ended; until
// the last has, its sockets are still bound.
func startTicks(pid int) (string, error) {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return "", err
	}
	_, rest, ok := strings.Cut(string(data), ") ")
	fields := strings.Fields(rest)
	if !ok || len(fields) < 20 || fields[0] == "Z" && threads(pid) <= 1 {
		return "", errors.New("no such process")
	}
	return fields[19], nil
}

func threads(pid int) int {
	tasks, err := os.ReadDir("/proc/" + strconv.Itoa(pid) + "/task")
	if err != nil {
		return 0
	}
	return len(tasks)
}

// Tail is the end of a log, for errors.
func Tail(path string) string {
	const lines = 12
	data, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimSpace(string(data)), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
