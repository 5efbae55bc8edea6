package preflight

import (
	"context"
	"fmt"

	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
)

// right is something that a run can do without, at a price.
type right struct {
	statement string
	// ways are sets of permissions; one whole set is enough.
	ways [][]kube.Permission
	lost string
	// file below manifests/rbac grants it; empty if none of ours does.
	file string
}

// optionalRights are those beyond the shipped Role.
func optionalRights() []right {
	list := func(group, resource string) kube.Permission {
		return kube.Permission{Verb: "list", Group: group, Resource: resource}
	}
	return []right{
		{"you may list namespaces", [][]kube.Permission{{list("", "namespaces")}},
			"annotated namespaces are not found by themselves: name them with --baseline and --meshed", "discovery.yaml"},
		{"you may read which meshes are installed", [][]kube.Permission{{
			list("apps", "deployments"), list("apps", "daemonsets"), list("apps", "statefulsets"),
			list("admissionregistration.k8s.io", "mutatingwebhookconfigurations")}},
			"reports lack the versions of meshes, and why a proxy is missing is not explained", "discovery.yaml"},
		{"you may read nodes", [][]kube.Permission{{{Verb: "get", Resource: "nodes"}}},
			"reports hold only what the worker sees of its node, without runtime, kubelet and zone", "discovery.yaml"},
		{"you may read what containers in other pods use", [][]kube.Permission{
			{{Verb: "get", Resource: "nodes", Subresource: "proxy"}}, {list("metrics.k8s.io", "pods")}},
			"the CPU of proxies outside of our pods (per node, or waypoints) is not measured, unless a Prometheus server knows it", "resources.yaml"},
	}
}

// rights are the checks of what the user may read in the whole of a cluster.
func (c *checker) rights(in string) []Check {
	var checks []Check
	for _, r := range optionalRights() {
		description := r.statement
		if in != "" {
			description += " in context " + in
		}
		checks = append(checks, Check{
			Category: CategoryPermissions, Severity: Spoils, Description: description,
			Ask: func(ctx context.Context) Result {
				access, err := c.In(in)
				if err != nil {
					return unknown(err.Error(), "")
				}
				return r.ask(ctx, access)
			},
		})
	}
	return checks
}

func (r right) ask(ctx context.Context, access Access) Result {
	for _, way := range r.ways {
		denied, err := missing(ctx, access, way)
		if err != nil {
			return unknown(err.Error(), "")
		}
		if len(denied) == 0 {
			return holds("")
		}
	}
	fix := ""
	if r.file != "" {
		fix = "manifests/rbac/" + r.file + " grants it"
	}
	return broken("without it: "+r.lost, fix)
}

// grants says where a permission comes from that `check` alone needs.
func grants(p kube.Permission) string {
	return fmt.Sprintf("to know, you need to %s: manifests/rbac/check.yaml grants it", p)
}
