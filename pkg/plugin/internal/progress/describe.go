package progress

import (
	"fmt"
	"strings"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/precision"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/runner"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// describe says an event in one line, or nothing for one not worth a line. What
// servers and workers say is cleaned: it must not steer a terminal.
func describe(e runner.Event) string { return term.Clean(say(e)) }

func say(e runner.Event) string {
	switch e := e.(type) {
	case runner.Deploying:
		var names []string
		for _, a := range e.Arms {
			names = append(names, fmt.Sprintf("%s (%s)", a.Name, a.Role))
		}
		if e.Service != nil {
			return "calling Service " + e.Service.Name + " of " + strings.Join(names, ", ")
		}
		return "deploying targets for " + strings.Join(names, ", ")
	case runner.TargetReady:
		node := ""
		if e.Arm.Target != nil {
			node = " on " + e.Arm.Target.Node
		}
		what := "target"
		if n := len(e.Arm.Targets()); n > 1 {
			what = fmt.Sprintf("%d targets", n)
		}
		return fmt.Sprintf("%s of %s ready%s after %s", what, e.Arm.Name, node, e.After.Round(100*time.Millisecond))
	case runner.ScalingUp:
		return fmt.Sprintf("pod %s/%s waits up to %s for a node that is on its way: %s: %s", e.Namespace, e.Pod, e.Limit,
			e.Said.Reason, e.Said.Message)
	case runner.Idling:
		return fmt.Sprintf("measuring %s without load", e.Length)
	case runner.TrialStarted:
		return position(e.Index, e.Total, trialName(e)) + "  " + eta(e.Remaining)
	case runner.TrialDone:
		return sayDone(e)
	case runner.TrialLost:
		return fmt.Sprintf("trial %d/%d %s lost while the API server was away: %v; trying again", e.Index+1, e.Total,
			e.Trial.ID(e.Attempt), e.Err)
	case runner.ArmGivenUp:
		return fmt.Sprintf("arm %s takes no more trials, the others go on: %v", e.Arm.Name, e.Why)
	case runner.Settled:
		return precision.Say(e.Precision)
	case runner.CleaningUp:
		return "cleaning up"
	case runner.CleanedUp:
		text := fmt.Sprintf("cleaned up: %d objects removed", e.Objects)
		for _, o := range e.NotOurs {
			text += fmt.Sprintf("; %s is labelled, but not ours (%s): left alone", o, o.NotOurs)
		}
		return text
	default:
		return ""
	}
}

func sayDone(e runner.TrialDone) string {
	if e.Result.Status == v1alpha1.TrialVoid {
		next := "not tried again"
		if e.Repeat {
			next = "trying again"
		}
		return fmt.Sprintf("trial %d/%d %s void: %s; %s", e.Index+1, e.Total, e.Result.ID, e.Result.Reason, next)
	}
	text := fmt.Sprintf("trial %d/%d %s done", e.Index+1, e.Total, e.Result.ID)
	if e.Result.Load != nil && e.Result.Window != nil && e.Result.Window.Seconds > 0 {
		text += fmt.Sprintf(": %.0f/s", float64(e.Result.Load.Requests)/e.Result.Window.Seconds)
		if failed := e.Result.Load.Failed(); failed > 0 {
			text += fmt.Sprintf(", %d failed", failed)
		}
	}
	return text
}

func position(index, total int, name string) string {
	return fmt.Sprintf("trial %d/%d %s", index+1, total, name)
}

// trialName says the rate that a search has chosen: no id tells it.
func trialName(e runner.TrialStarted) string {
	name := e.Trial.ID(e.Attempt)
	switch {
	case !e.Trial.Searched:
		return name
	case e.Trial.Level.Rate.ClosedLoop():
		return name + " in a closed loop"
	default:
		return fmt.Sprintf("%s at %s/s", name, e.Trial.Level.Rate)
	}
}

func eta(d time.Duration) string { return "about " + d.Round(time.Second).String() + " left" }

func seconds(s float64) string {
	d := time.Duration(s * float64(time.Second))
	switch {
	case d < time.Millisecond:
		return d.Round(time.Microsecond).String()
	default:
		return d.Round(10 * time.Microsecond).String()
	}
}
