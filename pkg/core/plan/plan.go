// Package plan turns resolved experiments, arms and a seed into the ordered
// trials of a run and every object they need. It is pure: the same input gives
// the same plan.
package plan

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/disturb"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/factor"
	"github.com/meshbench/kubectl-meshbench/pkg/core/mesh"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/pkg/core/workload"
)

// Input is everything that decides a plan.
type Input struct {
	RunID string
	// Key is what the keys of the run's workers are derived from. It is kept with
	// the journal, so that a run that goes on can read their logs.
	Key  wire.Key `json:",omitzero"`
	Seed int64
	// Experiments are resolved.
	Experiments []v1alpha1.Experiment
	// Arms hold the baseline first.
	Arms []v1alpha1.Arm
	// Addressing is how arms' targets are reached, by arm; see package mesh.
	Addressing map[string]mesh.Addressing `json:",omitempty"`
	// Counters are those that arms' proxies serve in their pods, by arm.
	Counters map[string][]mesh.CounterProof `json:",omitempty"`
	// Called are the user's Service in each arm, by arm, if that is what is called.
	Called     map[string]workload.Called `json:",omitempty"`
	Image      string
	PullPolicy string
	// PullSecrets are in journals of releases without spec.pods.
	PullSecrets []string `json:",omitempty"`
	// Idle is the length of the window without load before the first trial; none
	// if it is zero, or if nobody can read what is used in it.
	Idle time.Duration `json:",omitempty"`
	// ScaleUp is how long a node that is on its way is waited for; zero for
	// DefaultScaleUp.
	ScaleUp time.Duration `json:",omitempty"`
	// Now is the instant from which the objects' expiry counts.
	Now time.Time
}

// Plan is a run before it happens.
type Plan struct {
	Run         workload.Run
	Seed        int64
	Experiments []v1alpha1.Experiment
	Arms        []v1alpha1.Arm
	// Idle is the length of the window without load before the first trial.
	Idle time.Duration
	// ScaleUp is how long a node that is on its way is waited for.
	ScaleUp time.Duration
	// Objects has one entry per arm, in the order of Arms.
	Objects []workload.ArmObjects
	// Trials are in the order in which they run.
	Trials []Trial
	// Searches come after them, one after the other.
	Searches []Search
}

// Trial is one planned trial.
type Trial struct {
	Experiment string
	Round      int
	Arm        v1alpha1.Arm
	Level      v1alpha1.Level
	Schedule   v1alpha1.Schedule
	Load       v1alpha1.PodSize
	// Node is where the load pods are pinned to; empty if they are not.
	Node string
	// Disturbance is done to the targets in the window; nil for none.
	Disturbance *v1alpha1.Disturbance
	// Searched is set if a search chose the level's rate.
	Searched bool
}

// ID names one attempt at a trial, counted from 1.
func (t Trial) ID(attempt int) string {
	return fmt.Sprintf("%s/r%d/%s/%s/%d", t.Experiment, t.Round, t.Level.ID, t.Arm.Name, attempt)
}

const (
	// ReadyTimeout is how long a load worker waits for its target's first answer.
	ReadyTimeout = 30 * time.Second
	// DefaultScaleUp is how long a node that is on its way is waited for: the
	// cluster autoscaler gives one up after 15 minutes, and most take two.
	DefaultScaleUp = 10 * time.Minute
	// overhead of one trial around warm-up and window, and of a run around its
	// trials: the goals this project holds itself to, see docs/figures.md.
	trialOverhead = 2500 * time.Millisecond
	runOverhead   = 10 * time.Second
	// restoreOverhead is until the targets are as they were before a disturbance, as a
	// rollout of three of them takes it.
	restoreOverhead = 5 * time.Second
	// slack is added to the longest a run can take before its pods end themselves.
	slack = 15 * time.Minute
)

// Make returns the plan of a run.
func Make(in Input) Plan {
	p := Plan{Seed: in.Seed, Experiments: in.Experiments, Arms: in.Arms, Idle: in.Idle, ScaleUp: in.ScaleUp}
	if p.ScaleUp == 0 {
		p.ScaleUp = DefaultScaleUp
	}
	random := rand.New(rand.NewPCG(uint64(in.Seed), 0))
	longest := runOverhead + in.Idle
	for _, e := range in.Experiments {
		if e.Spec.Search != nil {
			for _, s := range searches(e, in.Arms, random) {
				p.Searches = append(p.Searches, s)
				longest += s.longest()
			}
			continue
		}
		trials := order(e, in.Arms, random)
		p.Trials = append(p.Trials, trials...)
		for _, t := range trials {
			longest += t.longest()
		}
	}
	longest += p.idleTime() - p.Idle + 2*p.ScaleUp // for the targets, and then for load pods
	p.Run = workload.Run{
		ID:          in.RunID,
		Key:         in.Key,
		Image:       in.Image,
		PullPolicy:  pullPolicy(in.PullPolicy),
		PullSecrets: in.PullSecrets,
		Pods:        podsOf(in),
		Protocols:   protocols(in.Experiments),
		Replicas:    replicas(in.Experiments),
		Drain:       disturb.Drain(in.Experiments),
		Chain:       chain(in.Experiments),
		Addressing:  in.Addressing,
		Counters:    in.Counters,
		Service:     experiment.Service(in.Experiments),
		Called:      in.Called,
		Lifetime:    longest + slack,
		ExpiresAt:   in.Now.Add(longest + slack),
		TargetNode:  targetNode(in.Experiments[0]),
	}
	p.Run.NextConnections = nextConnections(in.Experiments)
	p.Run.Largest = largest(in.Experiments)
	for _, arm := range in.Arms {
		p.Objects = append(p.Objects,
			workload.ForArm(p.Run, arm, sameCluster(in.Arms, arm)[0], in.Experiments[0].Spec.Target.PodSize))
	}
	return p
}

// podsOf are what all pods carry. The control has the pods of the baseline, which
// it is a second time.
func podsOf(in Input) *v1alpha1.Pods {
	pods := in.Experiments[0].Spec.Pods
	for _, arm := range in.Arms {
		if arm.Role != v1alpha1.RoleControl || pods == nil {
			continue
		}
		if own, said := pods.Arms[in.Arms[0].Name]; said {
			pods = pods.DeepCopy()
			pods.Arms[arm.Name] = own
		}
	}
	return pods
}

// largest are the bounds of what the run's requests ask for: targets serve no
// more to anybody.
func largest(experiments []v1alpha1.Experiment) v1alpha1.Request {
	var most v1alpha1.Request
	for _, e := range experiments {
		for _, l := range experiment.Levels(e) {
			for client := range max(l.Clients, 1) {
				r := factor.Apply(l, client).Spec.Request
				most.RequestBytes = max(most.RequestBytes, r.RequestBytes)
				most.ResponseBytes = max(most.ResponseBytes, r.ResponseBytes)
				most.ServerDelay.Duration = max(most.ServerDelay.Duration, r.ServerDelay.Duration)
			}
		}
	}
	return most
}

// protocols are those that the experiments speak.
func protocols(experiments []v1alpha1.Experiment) []v1alpha1.Protocol {
	var all []v1alpha1.Protocol
	for _, e := range experiments {
		for _, p := range e.Spec.Factors.Protocol {
			if !slices.Contains(all, p) {
				all = append(all, p)
			}
		}
	}
	return all
}

// replicas are the numbers of targets that the experiments' levels have, ascending;
// none if all have one.
func replicas(experiments []v1alpha1.Experiment) []int {
	var all []int
	for _, e := range experiments {
		for _, l := range experiment.Levels(e) {
			if n := factor.Apply(l, 0).Spec.Replicas; !slices.Contains(all, max(n, 1)) {
				all = append(all, max(n, 1))
			}
		}
	}
	if slices.Sort(all); slices.Equal(all, []int{1}) {
		return nil
	}
	return all
}

// order lays out the rounds of one experiment. Levels are shuffled within a
// round, and arms within a level, so that the arms that are compared run one
// right after the other: what drifts, drifts least between neighbours.
func order(e v1alpha1.Experiment, arms []v1alpha1.Arm, random *rand.Rand) []Trial {
	levels := experiment.Levels(e)
	arms = experiment.Arms(e, arms)
	var trials []Trial
	for round := 1; round <= e.Spec.Schedule.Rounds; round++ {
		for _, l := range random.Perm(len(levels)) {
			for _, a := range random.Perm(len(arms)) {
				trials = append(trials, trialOf(e, round, arms[a], levels[l]))
			}
		}
	}
	return trials
}

// sameCluster are the arms that share the cluster of one of them: affinity
// between pods means nothing across clusters.
func sameCluster(arms []v1alpha1.Arm, with v1alpha1.Arm) []v1alpha1.Arm {
	var same []v1alpha1.Arm
	for _, arm := range arms {
		if arm.Context == with.Context {
			same = append(same, arm)
		}
	}
	return same
}

func trialOf(e v1alpha1.Experiment, round int, arm v1alpha1.Arm, level v1alpha1.Level) Trial {
	t := Trial{
		Experiment: e.Metadata.Name,
		Round:      round,
		Arm:        arm,
		Level:      level,
		Schedule:   e.Spec.Schedule,
		Load:       e.Spec.Load,

		Disturbance: e.Spec.Disturbance,
	}
	if e.Spec.Nodes != nil {
		t.Node = e.Spec.Nodes.Load
	}
	return t
}

func targetNode(e v1alpha1.Experiment) string {
	if e.Spec.Nodes == nil {
		return ""
	}
	return e.Spec.Nodes.Target
}

// longest is how long a trial can take if every attempt but the last fails.
func (t Trial) longest() time.Duration {
	return time.Duration(1+*t.Schedule.Repeats) * (t.duration() + ReadyTimeout)
}

func (t Trial) duration() time.Duration {
	d := t.Schedule.Warmup.Duration + t.Schedule.Duration.Duration + trialOverhead
	if t.Disturbance != nil {
		d += restoreOverhead
	}
	return d
}

// Duration is how long the run should take if no trial is repeated.
func (p Plan) Duration() time.Duration { return runOverhead + p.idleTime() + p.Remaining(0) }

// LaterIdle is the length of the windows without load before later rounds. They
// are shorter, so that a run grows by less than a tenth for them.
func (p Plan) LaterIdle() time.Duration { return p.Idle * 7 / 10 }

// idleTime is the time without load: before the first round, and before each
// later one.
func (p Plan) idleTime() time.Duration {
	type round struct {
		experiment string
		number     int
	}
	rounds := map[round]bool{}
	for _, t := range p.Trials {
		rounds[round{t.Experiment, t.Round}] = true
	}
	return p.Idle + time.Duration(max(len(rounds)-1, 0))*p.LaterIdle()
}

// Total is the number of trials; of a search the number it should take.
func (p Plan) Total() int {
	n := len(p.Trials)
	for _, s := range p.Searches {
		n += s.Expected()
	}
	return n
}

// Remaining is how long the trials from index on should take. Those of searches
// are counted after the others.
func (p Plan) Remaining(index int) time.Duration {
	var sum time.Duration
	for _, t := range p.Trials[min(index, len(p.Trials)):] {
		sum += t.duration()
	}
	done := max(0, index-len(p.Trials))
	for _, s := range p.Searches {
		skipped := min(done, s.Expected())
		done -= skipped
		sum += time.Duration(s.Expected()-skipped) * s.first().duration()
	}
	return sum
}

// PodSeconds is the sum over all pods of the time each should exist.
func (p Plan) PodSeconds() float64 {
	sum := 0.0
	for _, o := range p.Objects {
		sum += p.Duration().Seconds() * float64(len(o.Targets))
	}
	for _, t := range p.Trials {
		sum += t.duration().Seconds() * float64(t.Level.Clients)
	}
	for _, s := range p.Searches {
		sum += float64(s.Expected()) * s.first().duration().Seconds() * float64(s.Level.Clients)
	}
	return sum
}

// Load returns what workload needs to build the load pods of one attempt.
func (p Plan) Load(t Trial, attempt, serial int) workload.Load {
	var namespaces []string
	for _, arm := range sameCluster(p.Arms, t.Arm) {
		namespaces = append(namespaces, arm.Namespace)
	}
	load := workload.Load{
		ID:             t.ID(attempt),
		Serial:         serial,
		Arm:            t.Arm,
		Level:          t.Level,
		Namespaces:     namespaces,
		Size:           t.Load,
		Warmup:         t.Schedule.Warmup.Duration,
		Window:         t.Schedule.Duration.Duration,
		RequestTimeout: t.Schedule.RequestTimeout.Duration,
		ReadyTimeout:   ReadyTimeout,
		Node:           t.Node,
		DrawSeed:       p.drawSeed(t),
	}
	if t.Disturbance != nil {
		load.DisturbedAt = &t.Disturbance.At
	}
	return load
}

// drawSeed is what targets draw by in all arms of a round: they fail the same
// requests, by the order of their arrival.
func (p Plan) drawSeed(t Trial) uint64 {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%d %s %s %d", p.Seed, t.Experiment, t.Level.ID, t.Round) // a hash takes all
	return h.Sum64()
}
