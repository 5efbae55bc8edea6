package cli

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/arms"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
)

// runFlags are what a user may say about a run besides its experiment.
type runFlags struct {
	baseline    string
	meshed      []string
	profile     string
	rounds      int
	precision   string
	duration    time.Duration
	warmup      time.Duration
	connections []int
	clients     []int
	placement   []string
	rates       []string
	seed        int64
	image       string
	pullPolicy  string
	pods        podFlags
	service     serviceFlags
	scaleUp     time.Duration
	dryRun      string
	assignments []string
	loadNode    string
	targetNode  string
	undecided   inconclusiveFlag
	control     bool
	keep        bool
	slos        []string
	quiet       bool
	meter       meterFlags
	output      outputFlags
	set         *pflag.FlagSet
	version     string
}

const (
	// workerImage is where releases are pushed, without the tag.
	workerImage = "ghcr.io/meshbench/meshbench-worker"
)

func (f *runFlags) add(flags *pflag.FlagSet, version, image string) {
	f.addPods(flags, version, image)
	flags.StringVar(&f.profile, "profile", "",
		"Rounds and duration: quick (4 x 10 s), standard (6 x 30 s, the default) or thesis (1 x 15 min)")
	flags.IntVar(&f.rounds, "rounds", 0, "How often every arm runs every level; an interval needs 4")
	flags.StringVar(&f.precision, "precision", "",
		"Add rounds until the ratios that matter are known to so much, such as 5%; --rounds is the most then (30)")
	flags.DurationVar(&f.duration, "duration", 0, "Length of each measurement")
	flags.DurationVar(&f.warmup, "warmup", 0, "Unrecorded load before each measurement")
	flags.IntSliceVar(&f.connections, "connections", nil, "Connections per trial; several values are a sweep")
	flags.StringSliceVar(&f.rates, "rate", nil,
		"Requests per second, or max for a closed loop; several values are a sweep")
	flags.StringVar(&f.loadNode, "load-node", "", "The node of all load pods")
	flags.StringVar(&f.targetNode, "target-node", "", "The node of all target pods")
	flags.StringArrayVar(&f.assignments, "set", nil,
		"PATH=VALUE sets any field of the experiment, any number of times: "+
			"'factors.rate=[10, 100]', 'load.cpuLimit=4'; other flags win")
	flags.BoolVar(&f.control, "aa", false,
		"Run the baseline twice: what the two differ by is noise, and so is any smaller effect")
	flags.Int64Var(&f.seed, "seed", 0, "Seed of the order of trials; chosen and reported if not given")
	flags.StringVar(&f.dryRun, "dry-run", dryRunNone,
		"none, or client: print what would be created, and create nothing ('check' asks the API server, too)")
	flags.BoolVar(&f.keep, "keep", false, "Leave all objects in the cluster, to look at them")
	flags.StringArrayVar(&f.slos, "slo", nil,
		"Objective for every meshed arm, any number of times: 'p99 < 20ms', 'p99 < baseline * 1.3', "+
			"'rps > 0.8 * baseline'; of a search, the one that it looks for. Metrics: "+metric.Objectives())
	f.undecided.add(flags)
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "No progress on standard error")
	f.meter.add(flags)
	f.output.add(flags)
}

// addPods adds the flags that decide where a run's pods are, and what. image is the
// released one, empty if there is none.
func (f *runFlags) addPods(flags *pflag.FlagSet, version, image string) {
	f.set, f.dryRun, f.version = flags, dryRunNone, version
	f.undecided.value, f.meter.sources = inconclusiveFail, sourcesAuto
	addChoice(flags, &f.baseline, &f.meshed)
	flags.IntSliceVar(&f.clients, "clients", nil, "Load pods per trial; several values are a sweep")
	flags.StringSliceVar(&f.placement, "placement", nil, "Load pods on the targets' node or not: same-node or cross-node")
	flags.StringVar(&f.image, "image", image, "Worker image")
	flags.StringVar(&f.pullPolicy, "image-pull-policy", "", "Always, IfNotPresent or Never")
	f.pods.add(flags)
	f.service.add(flags)
	flags.DurationVar(&f.scaleUp, "scale-up-timeout", plan.DefaultScaleUp,
		"How long a node that is on its way is waited for, where nodes come on demand")
}

func addChoice(flags *pflag.FlagSet, baseline *string, meshed *[]string) {
	flags.StringVar(baseline, "baseline", "",
		"The namespace without a mesh, or NAMESPACE@CONTEXT; its annotation is still required")
	flags.Var((*places)(meshed), "meshed",
		"The namespaces with a mesh, or NAMESPACE@CONTEXT, separated by commas; their annotations are still required")
}

// places are namespaces, each with the name of a context or without: those may
// hold commas.
type places []string

func (p *places) String() string { return strings.Join(*p, ",") }
func (p *places) Type() string   { return "stringSlice" }
func (p *places) Set(text string) error {
	all, err := arms.SplitPlaces(text)
	*p = append(*p, all...)
	return err
}

// parseChoice reads --baseline and --meshed.
func parseChoice(baseline string, meshed []string) (arms.Choice, error) {
	var choice arms.Choice
	var err error
	if baseline != "" {
		if choice.Baseline, err = arms.ParsePlace(baseline); err != nil {
			return choice, usagef("--baseline: %w", err)
		}
	}
	for _, text := range meshed {
		place, err := arms.ParsePlace(text)
		if err != nil {
			return choice, usagef("--meshed: %w", err)
		}
		choice.Meshed = append(choice.Meshed, place)
	}
	return choice, nil
}

// check refuses values that no run can have, before anything is asked of a cluster.
func (f *runFlags) check() error {
	switch f.dryRun {
	case dryRunNone, dryRunClient:
	case dryRunServer:
		return usagef("--dry-run=%s: 'kubectl meshbench check' sends the pods of a run through the API server's admission",
			dryRunServer)
	default:
		return usagef("--dry-run is %q, want %s or %s", f.dryRun, dryRunNone, dryRunClient)
	}
	if f.set.Changed("image") && !imageForm().MatchString(f.image) {
		return usagef("--image is %q, want NAME, NAME:TAG or NAME@sha256:DIGEST", f.image)
	}
	if f.pullPolicy != "" && !slices.Contains([]string{"Always", "IfNotPresent", "Never"}, f.pullPolicy) {
		return usagef("--image-pull-policy is %q, want Always, IfNotPresent or Never", f.pullPolicy)
	}
	if f.scaleUp < time.Second || f.scaleUp > 2*time.Hour {
		return usagef("--scale-up-timeout is %s, want 1s to 2h", f.scaleUp)
	}
	if err := errors.Join(f.undecided.check(), f.meter.check()); err != nil {
		return err
	}
	_, err := parseSLOs(f.slos)
	return err
}

// imageForm is that of the names of images, loosely: the registry knows better.
func imageForm() *regexp.Regexp {
	return regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9._:/-]*(@sha256:[0-9a-f]{64})?$`)
}

// hasImage refuses a build that would ask a cluster for an image that nobody
// published.
func (f *runFlags) hasImage() error {
	if !released(f.version) && !f.set.Changed("image") {
		return usagef(noImage, f.version)
	}
	return nil
}

// apply puts what --set says over what the document says, and the other flags
// that were given over both.
func (f *runFlags) apply(e v1alpha1.Experiment) (v1alpha1.Experiment, error) {
	e, err := experiment.Set(e, f.assignments)
	if err != nil {
		return e, usagef("--set: %w", err)
	}
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
	if given("precision") {
		share, err := parsePercent(f.precision)
		if err != nil || !(share > 0) {
			return e, usagef("--precision is %q, want a percentage such as 5%%", f.precision)
		}
		if schedule.Precision = share; !given("rounds") {
			schedule.Rounds = 0 // what a document says was not meant as the most
		}
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
	if given("load-node") || given("target-node") {
		nodes := v1alpha1.Nodes{}
		if e.Spec.Nodes != nil {
			nodes = *e.Spec.Nodes
		}
		if given("load-node") {
			nodes.Load = f.loadNode
		}
		if given("target-node") {
			nodes.Target = f.targetNode
		}
		e.Spec.Nodes = &nodes
	}
	if e.Spec.Pods, err = f.pods.apply(e.Spec.Pods); err != nil {
		return e, err
	}
	if e.Spec.Target.Service, err = f.service.apply(given, e.Spec.Target.Service); err != nil {
		return e, err
	}
	if search := e.Spec.Search; search != nil && given("slo") {
		if len(f.slos) != 1 {
			return e, usagef("--slo: experiment %s searches for one objective, give it once", e.Metadata.Name)
		}
		asked := *search
		asked.SLO = f.slos[0]
		e.Spec.Search = &asked
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
