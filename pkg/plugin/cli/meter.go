package cli

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"github.com/meshbench/kubectl-meshbench/pkg/core/workload"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/cluster"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/meter"
)

// meterFlags say where the use of CPU and memory outside of our pods is read.
type meterFlags struct {
	sources    string
	idle       time.Duration
	prometheus prometheusFlags
}

const (
	sourcesAuto = "auto"
	sourcesAll  = "all"
	sourcesNone = "none"
	// idleDefault is at least one sample of a kubelet long.
	idleDefault = 10 * time.Second
	// idleNodes is how large a cluster may be for all its nodes to be looked at
	// in the window without load.
	idleNodes = 10
)

func (f *meterFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.sources, "resources", sourcesAuto,
		"CPU and memory from outside the pods: auto (the best source that you may read), all (every one, to compare them) or none")
	flags.DurationVar(&f.idle, "idle", idleDefault,
		"Measure so long without load before the first trial, if a source can be read; 0 for not")
	f.prometheus.add(flags)
}

func (f *meterFlags) check() error {
	if !slices.Contains([]string{sourcesAuto, sourcesAll, sourcesNone}, f.sources) {
		return usagef("--resources is %q, want %s, %s or %s", f.sources, sourcesAuto, sourcesAll, sourcesNone)
	}
	if f.idle < 0 {
		return usagef("--idle is %s, want 0s or more", f.idle)
	}
	return f.prometheus.check(f.sources == sourcesNone)
}

// idleWindow is the length of the window without load; zero for none.
func (f *meterFlags) idleWindow() time.Duration {
	if f.sources == sourcesNone {
		return 0
	}
	return f.idle
}

// open returns the meter of a run; nil for none. components are the parts of
// meshes that run in pods of their own.
func (f *meterFlags) open(ctx context.Context, client *cluster.Client, components []meter.Component) (*meter.Meter,
	error) {
	if f.sources == sourcesNone {
		return nil, nil
	}
	sources := []meter.Source{meter.Kubelet(client)}
	if f.prometheus.named() {
		prometheus, err := f.prometheus.open(ctx, client)
		if err != nil {
			return nil, err
		}
		sources = append(sources, prometheus)
	}
	nodes, err := client.NodeNames(ctx)
	if err != nil || len(nodes) > idleNodes {
		nodes = nil // then only the targets' nodes are measured without load
	}
	return meter.New(meter.Options{
		Sources:    append(sources, meter.MetricsAPI(client)),
		All:        f.sources == sourcesAll,
		Components: components,
		Pods:       client,
		Nodes:      nodes,
		Worker:     workload.ContainerName,
	}), nil
}
