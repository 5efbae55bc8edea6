package meter

import (
	"context"
	"regexp"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Component is a part of a mesh that runs in pods of its own: a node proxy, a
// waypoint, a control plane.
type Component struct {
	Side v1alpha1.Side
	Part v1alpha1.Part
	// Namespace of its pods.
	Namespace string
	// Selector is a label selector, as kubectl -l takes it. It needs the right
	// to list pods in Namespace; without it, or if it is empty, NamePattern
	// decides.
	Selector string
	// NamePattern matches the whole name of a pod; nil matches none.
	NamePattern *regexp.Regexp
	// Containers are those that count; none means all of them.
	Containers []string
}

// PodLister lists the names of the pods that a selector selects.
type PodLister interface {
	PodNames(ctx context.Context, namespace, selector string) ([]string, error)
}

// resolved is a component whose selector was asked for.
type resolved struct {
	Component
	// pods are what Selector has selected so far; nil if that is not known. One that
	// is gone stays: what it used is the mesh's.
	pods []string
	// missing says why its pods cannot be told.
	missing string
	// refused is set where the user may not list pods: nobody asks again.
	refused bool
}

// resolve asks which pods belong to each component now. Pods come and go while
// a run lasts: waypoints are scaled, those of DaemonSets are replaced. before is
// what was known; empty the first time.
func resolve(ctx context.Context, pods PodLister, components []Component, before []resolved) []resolved {
	all := make([]resolved, 0, len(components))
	for i, c := range components {
		r := resolved{Component: c}
		if i < len(before) {
			r = before[i]
		}
		if c.Selector != "" && !r.refused {
			r.look(ctx, pods)
		}
		all = append(all, r)
	}
	return all
}

func (r *resolved) look(ctx context.Context, pods PodLister) {
	names, err := pods.PodNames(ctx, r.Namespace, r.Selector)
	switch {
	case err == nil:
		r.missing = ""
		r.pods = slices.Compact(slices.Sorted(slices.Values(slices.Concat([]string{}, r.pods, names))))
		if r.pods == nil {
			r.pods = []string{}
		}
	case r.pods == nil:
		r.refused = apierrors.IsForbidden(err)
		if r.NamePattern == nil {
			r.missing = err.Error()
		}
	}
}

func (r resolved) has(namespace, pod string) bool {
	if namespace != r.Namespace {
		return false
	}
	if r.pods != nil {
		return slices.Contains(r.pods, pod)
	}
	return r.NamePattern != nil && r.NamePattern.FindString(pod) == pod && pod != ""
}

func (r resolved) counts(container string) bool {
	return len(r.Containers) == 0 || slices.Contains(r.Containers, container)
}

// ownPod is a pod of the run.
type ownPod struct {
	node string
	side v1alpha1.Side
	// containers are those that run as long as the pod does. Other init containers
	// have ended before anything is measured.
	containers []string
	// applications are those that are no proxy, of pods that are not the run's.
	applications map[string]bool
}

// scope is what there is to measure.
type scope struct {
	own map[types.NamespacedName]ownPod
	// taking are those of own that take part in a window; the rest are tenants
	// like others. Nil stands for all.
	taking     map[types.NamespacedName]bool
	components []resolved
	// quiet is set where there was no load since then until the window's end: what
	// a counter grew by across these edges is of the load.
	quiet *time.Time
	// further are nodes on which no pod of ours is known to be.
	further []string
	// worker is the name of our own container.
	worker string
}

func (s scope) takes(namespace, pod string) (ownPod, bool) {
	name := types.NamespacedName{Namespace: namespace, Name: pod}
	own, ok := s.own[name]
	return own, ok && (s.taking == nil || s.taking[name])
}

// nodes are those of the run's pods and the further ones, sorted.
func (s scope) nodes() []string {
	all := slices.Clone(s.further)
	for _, p := range s.own {
		if p.node != "" && !slices.Contains(all, p.node) {
			all = append(all, p.node)
		}
	}
	slices.Sort(all)
	return all
}

// namespaces are those of the run's pods and of the components, sorted.
func (s scope) namespaces() []string {
	var all []string
	for name := range s.own {
		all = append(all, name.Namespace)
	}
	for _, c := range s.components {
		all = append(all, c.Namespace)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// place says where on a request's way a container stands. relevant is false
// for other tenants.
func (s scope) place(namespace, pod, container string) (side v1alpha1.Side, part v1alpha1.Part, relevant bool) {
	if own, ok := s.takes(namespace, pod); ok {
		if container == s.worker || own.applications[container] {
			return own.side, v1alpha1.PartApplication, true
		}
		return own.side, v1alpha1.PartProxy, true
	}
	for _, c := range s.components {
		if c.has(namespace, pod) && c.counts(container) {
			return c.Side, c.Part, true
		}
	}
	return v1alpha1.SideOther, v1alpha1.PartOther, false
}
