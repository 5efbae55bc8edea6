package cli

import (
	"slices"
	"time"

	"github.com/spf13/pflag"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/preflight"
)

// runFlags are what a user may say about a run besides its experiment.
type runFlags struct {
	choice      preflight.Choice
	profile     string
	rounds      int
	duration    time.Duration
	warmup      time.Duration
	connections []int
	clients     []int
	placement   []string
	rates       []string
	seed        int64
	image       string
	pullPolicy  string
	pullSecrets []string
	dryRun      string
	keep        bool
	slos        []string
	quiet       bool
	meter       meterFlags
	output      outputFlags
	set         *pflag.FlagSet
}

const (
	dryRunNone   = "none"
	dryRunClient = "client"
	// workerImage is where releases are pushed, without the tag.
	workerImage = "ghcr.io/meshbench/meshbench-worker"
)

func (f *runFlags) add(flags *pflag.FlagSet, version string) {
	f.set = flags
	flags.StringVar(&f.choice.Baseline, "baseline", "", "the namespace without a mesh; its annotation is still required")
	flags.StringSliceVar(&f.choice.Meshed, "meshed", nil, "the namespaces with a mesh, separated by commas; their annotations are still required")
	flags.StringVar(&f.profile, "profile", "", "rounds and duration: quick (4 x 10 s), standard (6 x 30 s, the default) or thesis (1 x 15 min)")
	flags.IntVar(&f.rounds, "rounds", 0, "how often every arm runs every level; an interval needs 4")
	flags.DurationVar(&f.duration, "duration", 0, "length of each measurement")
	flags.DurationVar(&f.warmup, "warmup", 0, "unrecorded load before each measurement")
	flags.IntSliceVar(&f.connections, "connections", nil, "connections per trial; several values are a sweep")
	flags.IntSliceVar(&f.clients, "clients", nil, "load pods per trial; several values are a sweep")
	flags.StringSliceVar(&f.rates, "rate", nil, "requests per second, or max for a closed loop; several values are a sweep")
	flags.StringSliceVar(&f.placement, "placement", nil, "load pods on the targets' node or not: same-node or cross-node")
	flags.Int64Var(&f.seed, "seed", 0, "seed of the order of trials; chosen and reported if not given")
	flags.StringVar(&f.image, "image", workerImage+":"+version, "worker image")
	flags.StringVar(&f.pullPolicy, "image-pull-policy", "", "Always, IfNotPresent or Never")
	flags.StringSliceVar(&f.pullSecrets, "image-pull-secret", nil, "names of secrets to pull the image with, in every namespace")
	flags.StringVar(&f.dryRun, "dry-run", dryRunNone, "client prints what would be created, and creates nothing")
	flags.BoolVar(&f.keep, "keep", false, "leave all objects in the cluster, to look at them")
	flags.StringArrayVar(&f.slos, "slo", nil, "objective for every meshed arm, any number of times: 'p99 < 20ms', 'p99 < baseline * 1.3', 'rps > 0.8 * baseline'")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "no progress on standard error")
	f.meter.add(flags)
	f.output.add(flags)
}

// check refuses values that no run can have, before anything is asked of a cluster.
func (f *runFlags) check() error {
	if f.dryRun != dryRunNone && f.dryRun != dryRunClient {
		return usagef("--dry-run is %q, want %s or %s", f.dryRun, dryRunNone, dryRunClient)
	}
	if f.pullPolicy != "" && !slices.Contains([]string{"Always", "IfNotPresent", "Never"}, f.pullPolicy) {
		return usagef("--image-pull-policy is %q, want Always, IfNotPresent or Never", f.pullPolicy)
	}
	if err := f.meter.check(); err != nil {
		return err
	}
	_, err := parseSLOs(f.slos)
	return err
}

// apply puts the flags that were given over what the document says.
func (f *runFlags) apply(e v1alpha1.Experiment) (v1alpha1.Experiment, error) {
	given := func(name string) bool { return f.set.Changed(name) }
	factors, schedule := &e.Spec.Factors, &e.Spec.Schedule
	if given("profile") {
		schedule.Profile = v1alpha1.Profile(f.profile)
	}
	if given("rounds") {
		if f.rounds < 1 {
			return e, usagef("--rounds is %d, want 1 or more", f.rounds)
		}
		schedule.Rounds = f.rounds
	}
	if given("duration") {
		if f.duration <= 0 {
			return e, usagef("--duration is %s, want more than 0s", f.duration)
		}
		schedule.Duration.Duration = f.duration
	}
	if given("warmup") {
		schedule.Warmup = &v1alpha1.Duration{Duration: f.warmup}
	}
	if given("connections") {
		factors.Connections = f.connections
	}
	if given("clients") {
		factors.Clients = f.clients
	}
	if given("placement") {
		factors.Placement = nil
		for _, p := range f.placement {
			factors.Placement = append(factors.Placement, v1alpha1.Placement(p))
		}
	}
	if given("rate") {
		factors.Rate = nil
		for _, text := range f.rates {
			rate, err := v1alpha1.ParseRate(text)
			if err != nil {
				return e, usagef("--rate: %w", err)
			}
			factors.Rate = append(factors.Rate, rate)
		}
	}
	return e, nil
}
