package preflight

import (
	"context"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/arms"
	"github.com/meshbench/kubectl-meshbench/pkg/core/command"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
	"github.com/meshbench/kubectl-meshbench/pkg/core/mesh"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
)

// Server is what answers for the API server.
type Server interface {
	Facts(ctx context.Context) (v1alpha1.Cluster, error)
}

// Dryer sends pods through admission without creating them.
type Dryer interface {
	DryRunPod(ctx context.Context, o *corev1.Pod) (*corev1.Pod, error)
}

// Capacity reads what limits how much can run. Users may often not.
type Capacity interface {
	Quotas(ctx context.Context, namespace string) ([]corev1.ResourceQuota, error)
	Nodes(ctx context.Context) ([]corev1.Node, error)
	ScheduledPods(ctx context.Context) ([]corev1.Pod, error)
}

// Remains finds what earlier runs left behind.
type Remains interface {
	Leftovers(ctx context.Context, namespace, runID string) ([]kube.Object, error)
}

// Cluster is all that checks ask of one cluster.
type Cluster interface {
	Server
	arms.Namespaces
	Access
	Dryer
	Capacity
	Policies
	Remains
	Secrets
	arms.Meshes
}

// Input is what is checked.
type Input struct {
	// In is the cluster of a kubeconfig context; the empty one is the run's own.
	In func(context string) (Cluster, error)
	// Choice is what the user said about the namespaces.
	Choice arms.Choice
	// Say writes the commands that mend what is found.
	Say command.Lines
	// Experiments are resolved.
	Experiments []v1alpha1.Experiment
	// Meshes tells which mesh a namespace is in, and what that does to pods.
	Meshes mesh.Catalogue
	// Plan plans those experiments for arms.
	Plan func(context.Context, []v1alpha1.Arm) (plan.Plan, error)
	// Rehearse runs a trial of a second in each arm; nil if that is not wanted.
	Rehearse func(context.Context, []v1alpha1.Arm) Rehearsal
	// Now is the instant of the check.
	Now time.Time
}

// checker holds what earlier checks have learnt for later ones.
type checker struct {
	Input
	arms []v1alpha1.Arm
	plan plan.Plan
	// accepted are the pods that admission gave back, by arm.
	accepted map[string][]*corev1.Pod
	// withoutSidecars are the arms whose mesh is known to have none.
	withoutSidecars map[string]bool
	// tunnels are the ports at which the meshes of arms enter pods in place of the
	// pods' own, and blocked what NetworkPolicies stop, in words.
	tunnels map[string]int32
	blocked map[string]string
}

// Checks returns all checks of a run, in the order in which they make sense.
func Checks(in Input) []Check {
	c := &checker{Input: in, accepted: map[string][]*corev1.Pod{}, withoutSidecars: map[string]bool{},
		tunnels: map[string]int32{}, blocked: map[string]string{}}
	return []Check{{
		Category: CategoryCluster, Description: "the API server answers",
		Ask: func(ctx context.Context) Result { return c.reach(ctx, "") },
		Opens: func() []Check {
			return []Check{{
				Category: CategoryNamespaces, Description: "the namespaces are annotated, one as baseline and others as meshed",
				Ask: c.consent, Opens: c.ofArms,
			}}
		},
	}}
}

func (c *checker) reach(ctx context.Context, in string) Result {
	server, err := c.In(in)
	if err != nil {
		return broken(err.Error(), "look at the kubeconfig with\n  "+c.Say.Kubectl("", "config", "get-contexts"))
	}
	facts, err := server.Facts(ctx)
	if err != nil {
		return broken(err.Error(), "see whether kubectl reaches it:\n  "+c.Say.Kubectl(in, "version"))
	}
	if facts.ServerVersion == "" {
		return holds("context %s, which does not tell its version", facts.Context)
	}
	return holds("context %s, Kubernetes %s", facts.Context, facts.ServerVersion)
}

func (c *checker) consent(ctx context.Context) Result {
	found, err := arms.Find(ctx, func(in string) (arms.Namespaces, error) { return c.In(in) }, c.Choice, c.Say)
	if err != nil {
		evidence, fix, _ := strings.Cut(err.Error(), "\n")
		if fix != "" {
			fix = "allow it with\n" + fix
		}
		return broken(strings.TrimSuffix(evidence, ": allow it with"), fix)
	}
	c.arms = found
	var parts []string
	for _, arm := range found {
		text := fmt.Sprintf("%s (%s)", arms.PlaceOf(arm), arm.Role)
		if arm.Mesh != "" {
			text = fmt.Sprintf("%s (%s, %s)", arms.PlaceOf(arm), arm.Role, arm.Mesh)
		}
		parts = append(parts, text)
	}
	return holds("%s", strings.Join(parts, ", "))
}

// ofArms are the checks that need to know the arms.
func (c *checker) ofArms() []Check {
	checks := []Check{{Category: CategoryExperiment, Description: "the experiments can be planned", Ask: c.planned,
		Opens: c.ofImages}}
	contexts := append([]string{""}, arms.Contexts(c.arms)...)
	for _, in := range contexts[1:] {
		checks = append(checks, Check{
			Category: CategoryCluster, Description: "the API server of context " + in + " answers",
			Ask: func(ctx context.Context) Result { return c.reach(ctx, in) },
		})
	}
	for _, in := range contexts {
		checks = append(checks, c.rights(in)...)
	}
	for _, arm := range c.arms {
		checks = append(checks, c.ofArm(arm)...)
	}
	for _, in := range contexts {
		checks = append(checks, c.room(in))
	}
	if c.Rehearse != nil {
		checks = append(checks, c.rehearsing())
	}
	return checks
}

func (c *checker) planned(ctx context.Context) Result {
	p, err := c.Plan(ctx, c.arms)
	if err != nil {
		return broken(err.Error(), "")
	}
	c.plan = p
	var parts []string
	for _, e := range p.Experiments {
		parts = append(parts,
			fmt.Sprintf("%s: levels %d, rounds %d", e.Metadata.Name, len(experiment.Levels(e)), e.Spec.Schedule.Rounds))
	}
	return holds("%s; together %d trials, about %s", strings.Join(parts, "; "), len(p.Trials),
		p.Duration().Round(time.Second))
}
