// Package kube holds what this project says about Kubernetes in values of its
// own, for those who need no client to speak of it.
package kube

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

// Marks that keep Karpenter and the cluster autoscaler from emptying a node while
// a pod is on it.
const (
	AnnotationDoNotDisrupt = "karpenter.sh/do-not-disrupt"
	AnnotationSafeToEvict  = "cluster-autoscaler.kubernetes.io/safe-to-evict"
)

// Namespace is what meshbench reads of a namespace.
type Namespace struct {
	Name        string
	Annotations map[string]string
	Labels      map[string]string
	// Terminating: it is being deleted, and takes no new objects.
	Terminating bool
}

// Object is an object that carries the label of a run.
type Object struct {
	Kind      string
	Namespace string
	Name      string
	UID       types.UID
	RunID     string
	// AliveAt is when the run last said that it is alive; zero if the object
	// does not carry that.
	AliveAt time.Time
	// NotOurs says why no run created it, label or not; empty for what one did.
	NotOurs string
}

const (
	// DeadAfter is how long a run that is not heard of is taken to be alive. A
	// plugin that lives says so every 20 seconds.
	DeadAfter = time.Minute
	// clockSkew is how far clocks may differ: a mark that is later than that is no
	// sign of life, but a mistake, or somebody's wish to keep objects for ever.
	clockSkew = 5 * time.Minute
)

// AliveNow reports whether the object says that its run goes on.
func (o Object) AliveNow(now time.Time) bool {
	age := now.Sub(o.AliveAt)
	return age <= DeadAfter && age >= -clockSkew
}

// Ours splits objects into those that runs created, and the others.
func Ours(objects []Object) (ours, others []Object) {
	for _, o := range objects {
		if o.NotOurs == "" {
			ours = append(ours, o)
		} else {
			others = append(others, o)
		}
	}
	return ours, others
}

// String is as kubectl writes it: kind/name, with the namespace.
func (o Object) String() string { return fmt.Sprintf("%s/%s in %s", o.Kind, o.Name, o.Namespace) }

// Permission is one verb on one kind of object in one namespace, or in all of
// them.
type Permission struct {
	Verb string
	// Group is the API group; empty for the core one.
	Group       string
	Resource    string
	Subresource string
	Namespace   string
}

// String reads like kubectl auth can-i: "create pods in namespace shop".
func (p Permission) String() string {
	resource := p.Resource
	if p.Subresource != "" {
		resource += "/" + p.Subresource
	}
	if p.Group != "" {
		resource += "." + p.Group
	}
	if p.Namespace == "" {
		return fmt.Sprintf("%s %s in the whole cluster", p.Verb, resource)
	}
	return fmt.Sprintf("%s %s in namespace %s", p.Verb, resource, p.Namespace)
}

// Service is one port of a Service.
type Service struct{ Namespace, Name, Port string }

// ParseService reads NAMESPACE/NAME:PORT; the port is a number or a name.
func ParseService(text string) (Service, error) {
	namespace, rest, ok := strings.Cut(text, "/")
	name, port, ok2 := strings.Cut(rest, ":")
	if !ok || !ok2 || namespace == "" || name == "" || port == "" || strings.ContainsAny(rest, "/ ") {
		return Service{}, fmt.Errorf("%q is not NAMESPACE/NAME:PORT", text)
	}
	return Service{Namespace: namespace, Name: name, Port: port}, nil
}

// IsSidecar reports whether an init container is a native sidecar, which goes on
// beside the others.
func IsSidecar(c corev1.Container) bool {
	return c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways
}
