package preflight

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/arms"
	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
)

// Secrets tells whether a secret is there, without reading it.
type Secrets interface {
	HasSecret(ctx context.Context, namespace, name string) (bool, error)
}

// mostImagesTold is how many of its images a kubelet tells by default.
const mostImagesTold = 50

// targetOf is the planned target of an arm; nil where nothing could be planned.
func (c *checker) targetOf(arm v1alpha1.Arm) *corev1.Pod {
	i := slices.IndexFunc(c.plan.Arms, func(a v1alpha1.Arm) bool { return a.Name == arm.Name })
	if i < 0 || i >= len(c.plan.Objects) {
		return nil
	}
	if c.callsService() { // load pods have the same image
		if pods, err := c.podsOf(arm); err == nil && len(pods) > 0 {
			return pods[0]
		}
		return nil
	}
	return c.plan.Objects[i].Targets[0]
}

// image asks whether pods can get their image: what a secret is missing for, or no
// node has though none may pull it, ends every run at its first pod. That a registry
// gives it is for check --deep to see.
func (c *checker) image(ctx context.Context, in Cluster, arm v1alpha1.Arm) Result {
	pod := c.targetOf(arm)
	if pod == nil {
		return unknown("nothing was planned", "")
	}
	for _, secret := range pod.Spec.ImagePullSecrets {
		there, err := in.HasSecret(ctx, arm.Namespace, secret.Name)
		if err != nil {
			return unknown(err.Error(), grants(kube.Permission{Verb: "get", Resource: "secrets", Namespace: arm.Namespace}))
		}
		if !there {
			return broken(fmt.Sprintf("there is no secret %s in namespace %s, which pods are to pull their image with",
				secret.Name, arms.PlaceOf(arm)),
				"make it with\n  "+c.Say.Kubectl(arm.Context, "--namespace", arm.Namespace, "create",
					"secret", "docker-registry", secret.Name, "--docker-server=REGISTRY", "--docker-username=USER",
					"--docker-password=PASSWORD"))
		}
	}
	own := pod.Spec.Containers[0]
	if own.ImagePullPolicy != corev1.PullNever {
		return holds("nodes pull %s; check --deep sees whether they can", own.Image)
	}
	nodes, err := in.Nodes(ctx)
	if err != nil {
		return unknown(err.Error(), grants(kube.Permission{Verb: "list", Resource: "nodes"}))
	}
	for _, n := range nodes {
		for _, i := range n.Status.Images {
			if slices.ContainsFunc(i.Names, func(name string) bool { return sameImage(name, own.Image) }) {
				return holds("node %s has %s", n.Name, own.Image)
			}
		}
		if len(n.Status.Images) == 0 || len(n.Status.Images) >= mostImagesTold {
			return unknown(fmt.Sprintf("node %s does not tell all of its images", n.Name), "")
		}
	}
	return broken(fmt.Sprintf("no node has %s, and none may pull it (pull policy Never)", own.Image),
		"bring it to the nodes: 'kubectl meshbench images --help' says how; or leave out --image-pull-policy Never")
}

// ofImages are the checks of the arms whose image has more to it than that nodes
// pull it.
func (c *checker) ofImages() []Check {
	var checks []Check
	for _, arm := range c.arms {
		pod := c.targetOf(arm)
		if pod == nil || len(pod.Spec.ImagePullSecrets) == 0 &&
			pod.Spec.Containers[0].ImagePullPolicy != corev1.PullNever {
			continue
		}
		checks = append(checks, Check{Category: CategoryNodes, Arm: arm.Name, Description: "its pods can get their image",
			Ask: func(ctx context.Context) Result {
				in, err := c.In(arm.Context)
				if err != nil {
					return broken(err.Error(), "")
				}
				return c.image(ctx, in, arm)
			}})
	}
	return checks
}

// sameImage compares names as nodes tell them, with the registry that goes without
// saying.
func sameImage(told, asked string) bool {
	short := func(name string) string {
		return strings.TrimPrefix(strings.TrimPrefix(name, "docker.io/"), "library/")
	}
	return short(told) == short(asked)
}
