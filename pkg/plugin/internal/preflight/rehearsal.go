package preflight

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/arms"
)

// Rehearsal is what a tiny run brought: trials of a second with one connection in
// each arm, one for each protocol, with the images and sizes of the real one.
type Rehearsal struct {
	// Err is why it did not go to its end.
	Err error
	// Cleanup is what could not be removed.
	Cleanup error
	RunID   string
	Took    time.Duration
	// Arms are those that were reached, by name.
	Arms map[string]RehearsedArm
}

// RehearsedArm is one arm of a Rehearsal.
type RehearsedArm struct {
	Target v1alpha1.Pod
	// TargetReady is how long the target took to be ready.
	TargetReady time.Duration
	// Trials are those that ended, one for each protocol.
	Trials []RehearsedTrial
	// Worker is the release of the worker; empty if it said nothing.
	Worker string
	// OpenFiles is how many the worker may have open; 0 if that is not known.
	OpenFiles int64
	Clock     *Clock
	// DataPlane is what pods and requests showed of the arm's mesh; nil if
	// nothing could be concluded.
	DataPlane *v1alpha1.DataPlane
}

// RehearsedTrial is one trial of a Rehearsal; Took is the time from the creation of its
// load pod to the end of the log.
type RehearsedTrial struct {
	v1alpha1.Trial
	Protocol v1alpha1.Protocol
	Took     time.Duration
}

// Clock bounds how far a node's clock is ahead of ours.
type Clock struct{ Least, Most time.Duration }

// Narrowed takes in one message: it was written at an instant of the node's
// clock, certainly after `after` and before `before` of ours. A nil Clock knows
// nothing yet.
func (c *Clock) Narrowed(node, after, before time.Time) *Clock {
	next := Clock{Least: node.Sub(before), Most: node.Sub(after)}
	if c != nil {
		next.Least, next.Most = max(c.Least, next.Least), min(c.Most, next.Most)
	}
	return &next
}

func (c Clock) String() string {
	middle, half := (c.Least+c.Most)/2, (c.Most-c.Least)/2
	return fmt.Sprintf("%+.2f s (within %.2f s)", middle.Seconds(), half.Seconds())
}

// clockLimit is how far a node's clock may be off before load pods with a
// shared start miss it.
const clockLimit = 2 * time.Second

// rehearsing runs the rehearsal, and opens the checks of what it brought.
func (c *checker) rehearsing() Check {
	var p Rehearsal
	return Check{
		Category: CategoryProbe, Description: "a run of one second in each arm goes to its end",
		Ask: func(ctx context.Context) Result {
			p = c.Rehearse(ctx, c.arms)
			switch {
			case p.Cleanup != nil:
				return broken(fmt.Sprintf("objects of run %s are still there: %v", p.RunID, p.Cleanup),
					"remove them with\n"+c.cleanups(p.RunID))
			case p.Err != nil:
				return broken(p.Err.Error(), "")
			}
			return holds("run %s took %s and left nothing behind", p.RunID, seconds(p.Took))
		},
		Opens: func() []Check {
			var checks []Check
			for _, arm := range c.arms {
				checks = append(checks, c.ofRehearsal(arm, p.Arms[arm.Name])...)
			}
			return checks
		},
	}
}

func (c *checker) ofRehearsal(arm v1alpha1.Arm, p RehearsedArm) []Check {
	answer := func(severity Severity, description string, r Result) Check {
		return Check{Category: CategoryProbe, Arm: arm.Name, Severity: severity, Description: description,
			Ask: func(context.Context) Result { return r }}
	}
	return []Check{
		answer(Stops, "a load pod reached the target by its name", c.judgeTrials(arm, p)),
		answer(Stops, "pods that really ran carry what they should", c.judgeContainers(arm, p)),
		answer(Stops, "requests went the way that they should", judgePath(arm, p)),
		answer(Stops, "a worker may open as many connections as the largest level has", c.judgeFiles(p)),
		answer(Spoils, "the node's clock is close to ours", judgeClock(p)),
	}
}

// judgeTrials judges the trials of all protocols.
func (c *checker) judgeTrials(arm v1alpha1.Arm, p RehearsedArm) Result {
	if len(p.Trials) == 0 {
		return broken("there is no trial", "")
	}
	var all []string
	for _, t := range p.Trials {
		if t.Status != v1alpha1.TrialCompleted || t.Load == nil {
			return broken(fmt.Sprintf("%s: %s", t.Protocol, t.Reason), c.byPolicy(arm))
		}
		if failed := t.Load.Failed(); t.Load.Requests == 0 || failed > 0 {
			return broken(fmt.Sprintf("%s: %d requests were answered, %d failed: %v", t.Protocol, t.Load.Requests, failed,
				t.Load.Errors), cmp.Or(c.byPolicy(arm), "look at the mesh's policies for this namespace"))
		}
		all = append(all, fmt.Sprintf("%s: %d requests in 1 s, no error, trial took %s", t.Protocol, t.Load.Requests,
			seconds(t.Took)))
	}
	for _, want := range c.plan.Run.Protocols {
		if !slices.ContainsFunc(p.Trials, func(t RehearsedTrial) bool { return t.Protocol == want }) {
			return broken(fmt.Sprintf("%s: there is no trial", want), "")
		}
	}
	return holds("%s; target ready after %s, worker %s", strings.Join(all, "; "), seconds(p.TargetReady), p.Worker)
}

// byPolicy points at the NetworkPolicies that explain why nothing is reached;
// empty if none is known.
func (c *checker) byPolicy(arm v1alpha1.Arm) string {
	if c.blocked[arm.Name] == "" {
		return ""
	}
	return "its NetworkPolicies do not let through " + c.blocked[arm.Name]
}

func (c *checker) judgeContainers(arm v1alpha1.Arm, p RehearsedArm) Result {
	ran := p.loadPods()
	if !c.callsService() {
		if len(p.Target.Containers) == 0 {
			return unknown("no pod is known to have run", "")
		}
		ran = append([]v1alpha1.Pod{p.Target}, ran...)
	} else if len(ran) == 0 {
		return unknown("no pod is known to have run", "")
	}
	p.Target.Node = ran[0].Node
	seen := map[string]bool{}
	var names []string
	for _, pod := range ran {
		for _, container := range pod.Containers {
			if container.Injected && !seen[container.Name] {
				seen[container.Name] = true
				names = append(names, container.Name)
			}
		}
	}
	switch {
	case arm.Role == v1alpha1.RoleBaseline && len(names) > 0:
		return broken("pods of the baseline ran with "+strings.Join(names, ", "),
			fmt.Sprintf("opt namespace %s out of the mesh", arms.PlaceOf(arm)))
	case arm.Role == v1alpha1.RoleBaseline:
		return holds("only our container, on %s and %s", p.Target.Node, loadNode(p))
	case len(names) == 0 && c.withoutSidecars[arm.Name]:
		return holds("only our container, as its mesh has no sidecars, on %s and %s", p.Target.Node, loadNode(p))
	case len(names) == 0:
		return unknown("pods of this meshed arm ran without an injected container: right for a mesh without sidecars, "+
			"wrong for any other", "")
	default:
		return holds("%s beside ours, all ready, on %s and %s", strings.Join(names, ", "), p.Target.Node, loadNode(p))
	}
}

// judgePath judges the way of the requests, as seen by both ends.
func judgePath(arm v1alpha1.Arm, p RehearsedArm) Result {
	d := p.DataPlane
	if d == nil {
		return unknown("nothing was seen of it", "")
	}
	text := fmt.Sprintf("through the data plane: %s; mutual TLS: %s", d.Path, d.MTLS)
	if evidence := append(slices.Clone(d.PathEvidence), d.MTLSEvidence...); len(evidence) > 0 {
		text += " (" + strings.Join(evidence, "; ") + ")"
	}
	fix := fmt.Sprintf("see how namespace %s is enrolled", arms.PlaceOf(arm))
	baseline := arm.Role == v1alpha1.RoleBaseline
	switch {
	case d.Path == v1alpha1.PathUnknown:
		return unknown(text, fix)
	case baseline == (d.Path == v1alpha1.PathNone) && (baseline || d.Path == v1alpha1.PathBothSides):
		return holds("%s", text)
	case !baseline && d.Path != v1alpha1.PathNone:
		return unknown(text, "unless one side is what you want to measure, "+fix)
	default:
		return broken(text, fix)
	}
}

func (p RehearsedArm) loadPods() []v1alpha1.Pod {
	var pods []v1alpha1.Pod
	for _, t := range p.Trials {
		pods = append(pods, t.Pods...)
	}
	return pods
}

func loadNode(p RehearsedArm) string {
	if pods := p.loadPods(); len(pods) > 0 {
		return pods[0].Node
	}
	return "no node"
}

// judgeFiles compares what a worker said with what the run will ask of it.
func (c *checker) judgeFiles(p RehearsedArm) Result {
	load, target := c.plan.OpenFiles()
	switch most := max(load, target); {
	case p.Worker == "":
		return unknown("the worker said nothing", "")
	case p.OpenFiles == 0:
		return holds("it tells no limit")
	case p.OpenFiles < most:
		return broken(fmt.Sprintf("it may have %d files and connections open at once; a load pod needs %d, the target %d",
			p.OpenFiles, load, target),
			"lower spec.factors.connections, or raise the node's limit (LimitNOFILE of its container runtime)")
	default:
		return holds("it may have %d files and connections open at once, and needs %d", p.OpenFiles, most)
	}
}

func judgeClock(p RehearsedArm) Result {
	if p.Clock == nil {
		return unknown("the worker told no time", "")
	}
	text := fmt.Sprintf("ahead of this machine by %s", *p.Clock)
	if p.Clock.Least > clockLimit || p.Clock.Most < -clockLimit {
		return broken(text, "set the clocks by NTP: load pods of one trial begin at an instant of their nodes' clocks")
	}
	return holds("%s", text)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

// cleanups are the commands that remove a run, one for each cluster.
func (c *checker) cleanups(run string) string {
	lines := "  " + c.Say.Plugin("", "cleanup", "--run", run)
	for _, context := range arms.Contexts(c.arms) {
		lines += "\n  " + c.Say.Plugin(context, "cleanup", "--run", run)
	}
	return lines
}
