// Command sources runs one experiment with every source of CPU and memory, a
// real Prometheus among them, and prints what each says of the same windows.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"text/tabwriter"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/test/harness"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := compare(ctx, os.Args[1:])
	stop()
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "sources:", err)
		os.Exit(1)
	}
}

func compare(ctx context.Context, args []string) (err error) {
	h, err := harness.FromEnvironment()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "meshbench-sources")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	prometheus, err := h.StartPrometheus(ctx, dir, "127.0.0.1")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, prometheus.Stop()) }()
	base, err := h.Create(ctx, harness.Namespace{Prefix: "base", Role: v1alpha1.RoleBaseline})
	if err != nil {
		return err
	}
	other, err := h.Create(ctx, harness.Namespace{Prefix: "other", Role: v1alpha1.RoleMeshed})
	if err != nil {
		return err
	}
	if len(args) == 0 {
		args = []string{"exp1", "--rounds", "2", "--duration", "30s", "--connections", "8"}
	}
	args = append(args, "--baseline", base, "--meshed", other, "--image", h.WorkerImage, "--resources", "all",
		"--prometheus-url", prometheus.URL, "-o", "json")
	plugin := exec.CommandContext(ctx, h.Plugin, args...)
	plugin.Env = append(os.Environ(), "KUBECONFIG="+h.Kubeconfig)
	var out bytes.Buffer
	plugin.Stdout, plugin.Stderr = &out, os.Stderr
	ran := plugin.Run() // its exit code judges the comparison, which is of no interest here
	var report v1alpha1.Report
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		return errors.Join(ran, err)
	}
	return print(os.Stdout, report)
}

// print shows each trial's containers, the worker's own count first.
func print(out io.Writer, r v1alpha1.Report) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "TRIAL\tSIDE\tCONTAINER\tSOURCE\tCORES\tERROR BOUND\tCOVERED\tMEMORY MAX")
	for _, t := range r.Trials {
		for _, c := range t.Clients {
			if c.CPUSeconds != nil {
				_, _ = fmt.Fprintf(w, "%s\tclient\tmeshbench\tthe worker itself\t%.4f\t\t%.1f s\t\n", t.ID,
					*c.CPUSeconds/t.Window.Seconds, t.Window.Seconds)
			}
		}
		if t.Resources == nil {
			continue
		}
		for _, u := range t.Resources.Containers {
			name := u.Container
			if u.Side == v1alpha1.SideOther {
				name = u.Namespace + "/" + u.Pod
			}
			row(w, t.ID, string(u.Side), name, string(u.Source), u.CPUSeconds, u.CPUErrorSeconds, u.CoveredSeconds,
				u.MemoryMaxBytes, u.Missing)
		}
		for _, n := range t.Resources.Nodes {
			row(w, t.ID, "node", n.Node, string(n.Source), n.CPUSeconds, n.CPUErrorSeconds, n.CoveredSeconds, nil, n.Missing)
		}
	}
	if len(r.Trials) > 0 && r.Trials[0].Resources != nil {
		for _, s := range r.Trials[0].Resources.Sources {
			switch {
			case s.Missing != "":
				_, _ = fmt.Fprintf(w, "source %s: %s\n", s.Name, s.Missing)
			case s.ResolutionSeconds != nil:
				_, _ = fmt.Fprintf(w, "source %s: a sample every %.1f s\n", s.Name, *s.ResolutionSeconds)
			}
		}
	}
	return w.Flush()
}

func row(w io.Writer, trial, side, name, source string, cpu, bound *float64, covered float64, memory *int64,
	missing string) {
	if cpu == nil {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t\t\t\n", trial, side, name, source, missing)
		return
	}
	off, bytes := "", ""
	if bound != nil {
		off = fmt.Sprintf("± %.4f", *bound/covered)
	}
	if memory != nil {
		bytes = fmt.Sprintf("%.1f MiB", float64(*memory)/(1<<20))
	}
	_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%.4f\t%s\t%.1f s\t%s\n", trial, side, name, source, *cpu/covered, off, covered,
		bytes)
}
