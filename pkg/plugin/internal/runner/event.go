package runner

import (
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// Event is something that happened in a run; its concrete type says what.
type Event interface{ event() }

// Deploying comes before the targets are created.
type Deploying struct {
	Arms []v1alpha1.Arm
	// Service is the user's that is called in place of targets; nil for targets.
	Service *v1alpha1.TargetService
}

// TargetReady comes when an arm's target answers its readiness probe.
type TargetReady struct {
	Arm   v1alpha1.Arm
	After time.Duration
}

// ScalingUp comes when a pod waits for a node that is on its way.
type ScalingUp struct {
	Namespace, Pod string
	// Said is what the autoscaler says of it, and Limit how long it is waited for.
	Said  kube.Event
	Limit time.Duration
}

// TrialStarted comes before the load pods of an attempt are created.
type TrialStarted struct {
	// Index counts planned trials from 0.
	Index, Total int
	Trial        plan.Trial
	Attempt      int
	// Remaining is the expected time for this trial and all after it.
	Remaining time.Duration
}

// WorkerSpoke comes when a load pod's first words are read: who it is, and then
// when its window begins. Exactly one of the two is set.
type WorkerSpoke struct {
	Trial   plan.Trial
	Hello   *wire.Hello
	Started *wire.Started
}

// TrialSecond comes once per second of a window and load pod.
type TrialSecond struct {
	Trial  plan.Trial
	Second v1alpha1.Second
}

// TrialDone comes when an attempt has ended, with or without a result.
type TrialDone struct {
	Index, Total int
	Result       v1alpha1.Trial
	// Repeat is set if the trial is void and is tried again.
	Repeat bool
}

// TrialLost comes when an attempt has failed because the API server was away; it
// is made again, and does not count.
type TrialLost struct {
	Index, Total int
	Trial        plan.Trial
	Attempt      int
	Err          error
}

// TrialVoided comes when a trial that was done no longer counts.
type TrialVoided struct{ Trial, Reason string }

// TargetReplaced comes when an arm's target was taken away, before another one
// is made.
type TargetReplaced struct {
	// Arm is its name.
	Arm      string
	Replaced v1alpha1.Replacement
}

// ArmGivenUp comes when an arm can take no more trials and the others go on.
type ArmGivenUp struct {
	Arm v1alpha1.Arm
	Why error
}

// Idling comes before the window without load.
type Idling struct{ Length time.Duration }

// TrialMetered comes when the use of resources of a trial that is done has
// become known: at the latest before CleaningUp.
type TrialMetered struct {
	// Trial is its id.
	Trial     string
	Resources v1alpha1.Resources
}

// IdleMetered is the same for the window without load.
type IdleMetered struct{ Idle v1alpha1.IdleWindow }

// Settled comes before each round of an experiment that may need fewer than it has.
type Settled struct{ Precision v1alpha1.Precision }

// CleaningUp comes before the run's objects are removed.
type CleaningUp struct{}

// CleanedUp comes after it, with the number of objects that were removed.
type CleanedUp struct {
	Objects int
	// NotOurs carry the run's label, but nothing else of it: they were left alone.
	NotOurs []kube.Object
}

func (Deploying) event()      {}
func (TargetReplaced) event() {}
func (TargetReady) event()    {}
func (ScalingUp) event()      {}
func (TrialStarted) event()   {}
func (WorkerSpoke) event()    {}
func (TrialSecond) event()    {}
func (TrialDone) event()      {}
func (TrialLost) event()      {}
func (ArmGivenUp) event()     {}
func (TrialVoided) event()    {}
func (Idling) event()         {}
func (TrialMetered) event()   {}
func (IdleMetered) event()    {}
func (Settled) event()        {}
func (CleaningUp) event()     {}
func (CleanedUp) event()      {}
