package preflight

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/capacity"
	"github.com/meshbench/kubectl-meshbench/pkg/core/disturb"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/core/workload"
)

// podsOf are the first target and one load pod for each experiment, as an arm would
// get them; the load pods are those of each experiment's first trial there.
func (c *checker) podsOf(arm v1alpha1.Arm) ([]*corev1.Pod, error) {
	var pods []*corev1.Pod
	for i, other := range c.plan.Arms {
		if targets := c.plan.Objects[i].Targets; other.Name == arm.Name && len(targets) > 0 {
			pods = append(pods, targets[0])
		}
	}
	for i, t := range c.firstTrials(arm) {
		loads, err := workload.LoadPods(c.plan.Run, c.plan.Load(t, 1, i+1))
		if err != nil {
			return nil, err
		}
		pods = append(pods, loads[0])
	}
	return pods, nil
}

// callsService reports whether a Service of the user's is called in place of targets.
func (c *checker) callsService() bool { return c.plan.Run.Service != nil }

// firstTrials are one of each experiment in an arm, of searches too.
func (c *checker) firstTrials(arm v1alpha1.Arm) []plan.Trial {
	var first []plan.Trial
	seen := map[string]bool{}
	for _, t := range c.plan.Planned() {
		if t.Arm.Name == arm.Name && !seen[t.Experiment] {
			seen[t.Experiment] = true
			first = append(first, t)
		}
	}
	return first
}

// asked is what an arm asks for.
type asked struct {
	// target are its targets with all that comes with it, and load the most that the
	// load pods of one trial ask for, each with what was injected into it.
	target, load capacity.Demand
	// pod is the target as admission gave it back, or as we make it.
	pod *corev1.Pod
}

func (c *checker) needOf(arm v1alpha1.Arm) (asked, error) {
	ours, err := c.podsOf(arm)
	if err != nil {
		return asked{}, err
	}
	if len(ours) == 0 {
		return asked{}, fmt.Errorf("there is no plan for arm %s", arm.Name)
	}
	pods := c.accepted[arm.Name]
	if len(pods) < len(ours) {
		pods = ours // admission refused some: count ours alone
	}
	need, loads := asked{pod: pods[0]}, pods
	if !c.callsService() {
		loads = pods[1:]
	}
	for i, other := range c.plan.Arms {
		if other.Name == arm.Name {
			need.target = need.target.Plus(capacity.Of(pods[0]),
				int64(len(c.plan.Objects[i].Targets)+disturb.MostSurge(c.plan.Experiments)))
			need.target.Services = int64(len(c.plan.Objects[i].Services))
		}
	}
	need.target.ConfigMaps = 1
	for i, t := range c.firstTrials(arm) {
		clients := c.mostClients(t.Experiment)
		need.load = need.load.Or(capacity.Demand{}.Plus(capacity.Of(loads[i]), int64(clients)))
	}
	return need, nil
}

// together is what some arms ask for at once: all their targets, and the load
// pods of the one whose turn it is.
func (c *checker) together(all []v1alpha1.Arm) (asked, error) {
	var sum asked
	for _, arm := range all {
		one, err := c.needOf(arm)
		if err != nil {
			return sum, err
		}
		if sum.pod == nil {
			sum.pod = one.pod
		}
		sum.target, sum.load = sum.target.Plus(one.target, 1), sum.load.Or(one.load)
	}
	return sum, nil
}

// sharing are the arms in the namespace of one: the control is in that of the
// baseline.
func (c *checker) sharing(arm v1alpha1.Arm) []v1alpha1.Arm {
	var all []v1alpha1.Arm
	for _, other := range c.arms {
		if other.Namespace == arm.Namespace && other.Context == arm.Context {
			all = append(all, other)
		}
	}
	return all
}

// mostClients is the largest number of load pods that an experiment runs at once.
func (c *checker) mostClients(name string) int {
	most := 1
	for _, e := range c.plan.Experiments {
		if e.Metadata.Name != name {
			continue
		}
		for _, l := range experiment.Levels(e) {
			most = max(most, l.Clients)
		}
	}
	return most
}
