package mesh

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Installed is what could be read of a cluster. Every part is optional: most
// users may not list such objects.
type Installed struct {
	// APIGroups are the names of the groups that the API server serves.
	APIGroups []string
	Workloads []InstalledWorkload
	Webhooks  []InstalledWebhook
	// Missing says what could not be read, and why.
	Missing []string
}

// InstalledWorkload is a Deployment, DaemonSet or StatefulSet.
type InstalledWorkload struct {
	Kind, Namespace, Name string
	// Labels are those of the object and of its pods; the object's come first.
	Labels     map[string]string
	Containers []v1alpha1.MeshContainer
}

// InstalledWebhook is a MutatingWebhookConfiguration.
type InstalledWebhook struct {
	Name     string
	Labels   map[string]string
	Webhooks []string
	// FailsOpen is set if one of its webhooks lets pods through when it does
	// not answer.
	FailsOpen bool
}

// installed collects what shows that a mesh is in the cluster. strong is set
// if something belongs to this mesh alone.
func (m Mesh) installed(in Installed) (evidence []string, strong bool) {
	for _, want := range m.Detect.Workloads {
		for _, have := range in.Workloads {
			if !want.is(have) {
				continue
			}
			evidence = append(evidence, fmt.Sprintf("the cluster runs %s %s/%s", have.Kind, have.Namespace, have.Name))
			strong = strong || !want.Optional
		}
	}
	for _, want := range m.Detect.Webhooks {
		for _, have := range in.Webhooks {
			if !want.is(have) {
				continue
			}
			text := "the cluster has webhook " + have.Name
			if have.FailsOpen {
				text += ", which lets pods through unchanged when it does not answer"
			}
			evidence, strong = append(evidence, text), true
		}
	}
	for _, want := range m.Detect.APIGroups {
		if slices.Contains(in.APIGroups, want.Name) && !want.Shared {
			evidence, strong = append(evidence, "the API server serves group "+want.Name), true
		}
	}
	return evidence, strong
}

func (w Workload) is(have InstalledWorkload) bool {
	return w.Kind == have.Kind && nameFits(w.Name, have.Name) && fits(w.Labels, have.Labels)
}

func (w Webhook) is(have InstalledWebhook) bool {
	return nameFits(w.Name, have.Name) && fits(w.Labels, have.Labels) &&
		(w.Webhook == "" || slices.Contains(have.Webhooks, w.Webhook))
}

func nameFits(pattern, name string) bool {
	ok, err := path.Match(pattern, name) // the pattern was checked when it was read
	return pattern == "" || err == nil && ok
}

func fits(wanted, have map[string]string) bool {
	for key, value := range wanted {
		if have[key] != value {
			return false
		}
	}
	return true
}

// Interesting reports whether a workload belongs to any mesh, so that the
// others need not be kept.
func (c Catalogue) Interesting(w InstalledWorkload) bool {
	return slices.ContainsFunc(c.meshes, func(m Mesh) bool {
		return slices.ContainsFunc(m.workloads(), func(want Workload) bool { return want.is(w) }) ||
			slices.ContainsFunc(m.Costs, func(c Cost) bool { return !c.InPod() && c.is(w) })
	})
}

// InterestingWebhook is Interesting for webhooks.
func (c Catalogue) InterestingWebhook(w InstalledWebhook) bool {
	return slices.ContainsFunc(c.meshes, func(m Mesh) bool {
		return slices.ContainsFunc(m.Detect.Webhooks, func(want Webhook) bool { return want.is(w) })
	})
}

// versionIn reads a version from workloads of a role; empty if none says it,
// and several where they differ.
func (m Mesh) versionIn(in Installed, role WorkloadRole, sources []VersionSource) string {
	for _, source := range sources {
		versions := map[string]bool{}
		for _, want := range m.Detect.Workloads {
			for _, have := range in.Workloads {
				if want.Role != role || !want.is(have) {
					continue
				}
				if v := versionOf([]VersionSource{source}, Meta{Labels: have.Labels}, have.Containers); v != "" {
					versions[v] = true
				}
			}
		}
		if len(versions) > 0 {
			return strings.Join(slices.Sorted(maps.Keys(versions)), ", ")
		}
	}
	return ""
}

// versionOf is the first version that a source finds.
func versionOf(sources []VersionSource, meta Meta, containers []v1alpha1.MeshContainer) string {
	for _, s := range sources {
		if v := meta.Labels[s.Label]; s.Label != "" && v != "" {
			return v
		}
		if v := meta.Annotations[s.Annotation]; s.Annotation != "" && v != "" {
			return v
		}
		for _, c := range containers {
			if s.Image != "" && c.Name == s.Image {
				if v := tagOf(c.Image); v != "" {
					return v
				}
			}
		}
	}
	return ""
}

// tagOf is the tag of an image reference, or its digest where it has no tag.
func tagOf(image string) string {
	name, digest, _ := strings.Cut(image, "@")
	if i := strings.LastIndex(name, ":"); i > strings.LastIndex(name, "/") {
		return name[i+1:]
	}
	return digest
}
