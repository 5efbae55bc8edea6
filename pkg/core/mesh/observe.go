package mesh

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// maxValue bounds what is kept of a label, annotation or setting.
const maxValue = 256

// Observe reads what a pod shows of a mesh. own is the name of the container
// that meshbench asked for; all others were injected. Labels and annotations
// that no mesh in the catalogue knows stay where they are.
func (c Catalogue) Observe(pod *corev1.Pod, own string) *v1alpha1.PodMesh {
	known := c.knownKeys()
	out := &v1alpha1.PodMesh{
		Labels:      pick(pod.Labels, known),
		Annotations: pick(pod.Annotations, known),
	}
	for _, x := range c.Containers(pod.Spec) {
		if x.Name != own || x.Init {
			out.Containers = append(out.Containers, x)
		}
	}
	return out
}

// Containers reads the containers of a pod's specification, init containers first.
func (c Catalogue) Containers(spec corev1.PodSpec) []v1alpha1.MeshContainer {
	var all []v1alpha1.MeshContainer
	for _, x := range spec.InitContainers {
		all = append(all, c.container(x, true))
	}
	for _, x := range spec.Containers {
		all = append(all, c.container(x, false))
	}
	return all
}

func (c Catalogue) container(x corev1.Container, init bool) v1alpha1.MeshContainer {
	out := v1alpha1.MeshContainer{
		Name: x.Name, Image: x.Image, Init: init,
		Native:             init && x.RestartPolicy != nil && *x.RestartPolicy == corev1.ContainerRestartPolicyAlways,
		CPURequestCores:    cores(x.Resources.Requests),
		CPULimitCores:      cores(x.Resources.Limits),
		MemoryRequestBytes: bytesOf(x.Resources.Requests),
		MemoryLimitBytes:   bytesOf(x.Resources.Limits),
	}
	keep := func(key, value string) {
		if out.Settings == nil {
			out.Settings = map[string]string{}
		}
		out.Settings[key] = limited(value)
	}
	words := append(slices.Clone(x.Command), x.Args...)
	for _, key := range c.settings(func(s SettingSource) string { return s.Arg }) {
		if value, ok := argument(words, key); ok {
			keep(key, value)
		}
	}
	for _, key := range c.bypassArgs(x.Name) {
		if value, ok := argument(words, key); ok {
			keep(key, value)
		}
	}
	for _, place := range c.variables() {
		for _, v := range x.Env {
			if v.Name != place.Env || v.ValueFrom != nil {
				continue
			}
			value, ok := v.Value, true
			if place.EnvKey != "" { // of an object only this is kept
				value, ok = within(v.Value, place.EnvKey)
			}
			if ok {
				keep(place.variable(), value)
			}
		}
	}
	return out
}

// bypassArgs are the flags of a setup container that say what goes around the
// proxy. Flags of other containers stay where they are.
func (c Catalogue) bypassArgs(container string) []string {
	var all []string
	for _, m := range c.meshes {
		for _, b := range m.Pod.Bypass {
			if b.Arg != "" && slices.Contains(m.Pod.Setup, container) {
				all = append(all, b.Arg)
			}
		}
	}
	return all
}

// argument finds "--flag value" or "--flag=value".
func argument(words []string, flag string) (string, bool) {
	for i, word := range words {
		if value, ok := strings.CutPrefix(word, flag+"="); ok {
			return value, true
		}
		if word == flag && i+1 < len(words) {
			return words[i+1], true
		}
	}
	return "", false
}

// settings are the distinct places of one kind where settings can be read.
func (c Catalogue) settings(place func(SettingSource) string) []string {
	var all []string
	for _, m := range c.meshes {
		for _, s := range m.Fairness.all() {
			if key := place(s); key != "" && !slices.Contains(all, key) {
				all = append(all, key)
			}
		}
	}
	slices.Sort(all)
	return all
}

// variables are the variables that hold settings.
func (c Catalogue) variables() []SettingSource {
	var all []SettingSource
	for _, m := range c.meshes {
		for _, s := range m.Fairness.all() {
			if s.Env != "" {
				all = append(all, s)
			}
			if s.ShareEnv != "" {
				all = append(all, SettingSource{Env: s.ShareEnv})
			}
		}
	}
	return all
}

// variable names the place in a pod's settings.
func (s SettingSource) variable() string {
	if s.EnvKey != "" {
		return s.Env + " " + s.EnvKey
	}
	return s.Env
}

func (f Fairness) all() []SettingSource {
	return []SettingSource{f.Threads, f.AccessLog, f.Tracing, f.Retries, f.Tunnel, f.Limits}
}

// knownKeys are the labels and annotations that some mesh gives a meaning.
func (c Catalogue) knownKeys() map[string]bool {
	known := map[string]bool{}
	for _, m := range c.meshes {
		for _, marks := range [][]Marks{m.Enrol.Namespace, m.Enrol.Pod, m.Enrol.OptOutNamespace, m.Enrol.OptOutPod,
			m.Pod.Marks, m.Pod.SwitchedOff} {
			for _, way := range marks {
				for _, key := range way.Keys() {
					known[key] = true
				}
			}
		}
		for _, v := range m.Variants {
			for key := range v.Labels {
				known[key] = true
			}
		}
		for _, b := range m.Pod.Bypass {
			known[b.Annotation] = true
		}
		for _, s := range m.Fairness.all() {
			known[s.Annotation] = true
		}
		for _, s := range append(slices.Clone(m.Versions.ControlPlane), m.Versions.DataPlane...) {
			known[s.Annotation] = true
			known[s.Label] = true
		}
	}
	return known
}

func pick(in map[string]string, known map[string]bool) map[string]string {
	var out map[string]string
	for key, value := range in {
		// Labels that every application may carry say nothing about a mesh here.
		if !known[key] || strings.HasPrefix(key, "app.kubernetes.io/") {
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		out[key] = limited(value)
	}
	return out
}

func limited(value string) string { return value[:min(len(value), maxValue)] }

func cores(list corev1.ResourceList) *float64 {
	return amount(list, corev1.ResourceCPU, func(q resource.Quantity) float64 { return q.AsApproximateFloat64() })
}

func bytesOf(list corev1.ResourceList) *int64 {
	return amount(list, corev1.ResourceMemory, func(q resource.Quantity) int64 { return q.Value() })
}

func amount[T any](list corev1.ResourceList, name corev1.ResourceName, read func(resource.Quantity) T) *T {
	q, ok := list[name]
	if !ok {
		return nil
	}
	v := read(q)
	return &v
}
