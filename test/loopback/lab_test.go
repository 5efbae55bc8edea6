package loopback_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/test/loopback"
)

// programs are the plugin and the worker, built once.
var programs struct{ plugin, worker string }

// sideBySide is how many tests run at once unless -parallel says: they wait most of
// their time, and none of them judges a figure.
const sideBySide = 6

func TestMain(m *testing.M) {
	flag.Parse()
	chosen := false
	flag.Visit(func(f *flag.Flag) { chosen = chosen || f.Name == "test.parallel" })
	if !chosen {
		if err := flag.Set("test.parallel", strconv.Itoa(sideBySide)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	dir, err := os.MkdirTemp("", "meshbench-loopback-")
	if err == nil {
		programs.plugin, programs.worker = filepath.Join(dir, "kubectl-meshbench"), filepath.Join(dir, "meshbench-worker")
		build := exec.Command("go", "build", "-ldflags", "-X main.version=v0.0.1", "-o", dir, "../../cmd/...")
		build.Stderr = os.Stderr
		err = build.Run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "build the programs:", err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// lab is a cluster of a scenario and a home of its own for the plugin.
type lab struct {
	*testing.T
	server     *loopback.Server
	home       string
	kubeconfig string
	// patience is how long a call may take before it is interrupted.
	patience time.Duration
}

func open(t *testing.T, s loopback.Scenario) *lab {
	t.Helper()
	server, err := loopback.Start(s, programs.worker)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	l := &lab{T: t, server: server, home: t.TempDir(), patience: 2 * time.Minute}
	l.kubeconfig = filepath.Join(l.home, "kubeconfig")
	if err := server.Kubeconfig(l.kubeconfig, "lab"); err != nil {
		t.Fatal(err)
	}
	return l
}

// outcome is what a call of the plugin printed, and how it ended.
type outcome struct {
	code        int
	out, errOut string
}

// command is a call of the plugin that is interrupted when patience ends.
func (l *lab) command(args ...string) *exec.Cmd {
	ctx, stop := context.WithTimeout(l.Context(), l.patience)
	l.Cleanup(stop)
	c := exec.CommandContext(ctx, programs.plugin, append(args, "--kubeconfig", l.kubeconfig)...)
	c.Cancel, c.WaitDelay = func() error { return c.Process.Signal(os.Interrupt) }, time.Minute
	c.Env = append(os.Environ(), "HOME="+l.home, "XDG_STATE_HOME="+filepath.Join(l.home, "state"))
	return c
}

func (l *lab) call(args ...string) outcome {
	l.Helper()
	var out, errOut bytes.Buffer
	c := l.command(args...)
	c.Stdout, c.Stderr = &out, &errOut
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		l.Fatal(err)
	}
	return outcome{code: c.ProcessState.ExitCode(), out: out.String(), errOut: errOut.String()}
}

// small is a run of two rounds in each arm at little load.
func small(args ...string) []string {
	return append([]string{"exp2", "--set", "factors.rate=200", "--set", "factors.connections=4", "--rounds", "2",
		"--duration", "1s", "--warmup", "0s", "--resources", "none", "--inconclusive", "pass", "-o", "json"}, args...)
}

func (o outcome) report(t *testing.T) v1alpha1.Report {
	t.Helper()
	var r v1alpha1.Report
	if err := json.Unmarshal([]byte(o.out), &r); err != nil {
		t.Fatalf("no report (exit %d): %v\n%s\n%s", o.code, err, o.out, o.errOut)
	}
	return r
}

// completed counts the trials with a result, and fails if one is there twice.
func completed(t *testing.T, r v1alpha1.Report) int {
	t.Helper()
	seen, n := map[string]bool{}, 0
	for _, trial := range r.Trials {
		if seen[trial.ID] {
			t.Errorf("trial %s is there twice", trial.ID)
		}
		seen[trial.ID] = true
		if trial.Status == v1alpha1.TrialCompleted {
			n++
		}
	}
	return n
}

// nothingLeft fails if the run left anything behind.
func (l *lab) nothingLeft() {
	l.Helper()
	for _, resource := range []string{"pods", "services", "configmaps"} {
		for _, o := range l.server.Objects(resource) {
			if o.GetLabels()[v1alpha1.LabelRunID] != "" {
				l.Errorf("%s %s/%s was left behind", resource, o.GetNamespace(), o.GetName())
			}
		}
	}
}

func TestASaneClusterIsMeasuredAndLeftClean(t *testing.T) {
	t.Parallel()
	l := open(t, loopback.Sane())
	o := l.call(small()...)
	if o.code != 0 {
		t.Fatalf("exit %d\n%s", o.code, o.errOut)
	}
	if n := completed(t, o.report(t)); n != 4 {
		t.Errorf("%d trials with a result, want 4", n)
	}
	l.nothingLeft()
	for _, c := range l.server.Calls() {
		if c.Method != http.MethodGet && c.Permission != "create selfsubjectaccessreviews" && c.Namespace != "plain" &&
			c.Namespace != "with-mesh" {
			t.Errorf("wrote outside of the annotated namespaces: %s %s", c.Method, c.Path)
		}
	}
	if strings.Contains(o.errOut, "warning") {
		t.Errorf("warnings in a sane cluster:\n%s", o.errOut)
	}
}

// during calls the plugin, and does something half a second after the second load
// pod has begun.
func (l *lab) during(args []string, do func(plugin *exec.Cmd)) outcome {
	l.Helper()
	var out, errOut bytes.Buffer
	c := l.command(args...)
	c.Stdout, c.Stderr = &out, &errOut
	if err := c.Start(); err != nil {
		l.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = c.Wait(); close(ended) }()
	reach(l.T, ended, func() bool { return l.server.LoadPods() >= 2 })
	select {
	case <-ended:
	case <-time.After(500 * time.Millisecond): // into its window
		do(c)
		<-ended
	}
	return outcome{code: c.ProcessState.ExitCode(), out: out.String(), errOut: errOut.String()}
}
