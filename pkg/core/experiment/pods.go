package experiment

import (
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
)

const (
	// maxTolerations, maxMarks and maxResources bound what a document may ask for.
	maxTolerations, maxMarks, maxResources = 20, 50, 16
	// maxAnnotationBytes is the most that one annotation may hold; an object's
	// together may have 256 KiB.
	maxAnnotationBytes = 16 << 10
)

// checkPods refuses what is no valid pod, what would take our own marks off it,
// and what would put it where it cannot be measured.
func checkPods(c *checker, p *v1alpha1.Pods) {
	if p == nil {
		return
	}
	checkMarks(c, "spec.pods", v1alpha1.PodMarks{Labels: p.Labels, Annotations: p.Annotations})
	if fewer(c, "spec.pods.arms", len(p.Arms), maxMarks) {
		for _, arm := range slices.Sorted(maps.Keys(p.Arms)) {
			if problems := validation.IsValidLabelValue(arm); len(problems) > 0 || arm == "" {
				c.add("spec.pods.arms", "%.80q is no arm's name: %s", arm, strings.Join(problems, "; "))
				continue
			}
			checkMarks(c, "spec.pods.arms."+arm, p.Arms[arm])
		}
	}
	if fewer(c, "spec.pods.tolerations", len(p.Tolerations), maxTolerations) {
		for _, t := range p.Tolerations {
			checkToleration(c, t)
		}
	}
	if checkLabels(c, "spec.pods.nodeSelector", p.NodeSelector) {
		if os, said := p.NodeSelector[corev1.LabelOSStable]; said && os != string(corev1.Linux) {
			c.add("spec.pods.nodeSelector", "%s is %q, and the worker is a program for linux", corev1.LabelOSStable, os)
		}
	}
	for _, one := range []struct{ field, name string }{
		{"priorityClassName", p.PriorityClassName}, {"runtimeClassName", p.RuntimeClassName},
		{"serviceAccountName", p.ServiceAccountName},
	} {
		checkName(c, "spec.pods."+one.field, one.name)
	}
	if strings.HasPrefix(p.PriorityClassName, "system-") {
		c.add("spec.pods.priorityClassName",
			"%s is for what a cluster cannot do without: a benchmark must push nothing off a node",
			p.PriorityClassName)
	}
	if fewer(c, "spec.pods.imagePullSecrets", len(p.ImagePullSecrets), maxMarks) {
		for _, name := range p.ImagePullSecrets {
			checkName(c, "spec.pods.imagePullSecrets", name)
		}
		distinct(c, "spec.pods.imagePullSecrets", p.ImagePullSecrets)
	}
	checkResources(c, p)
}

func checkName(c *checker, field, name string) {
	if name == "" {
		return
	}
	for _, problem := range validation.IsDNS1123Subdomain(name) {
		c.add(field, "%.80q: %s", name, problem)
	}
}

func fewer(c *checker, field string, have, most int) bool {
	if have > most {
		c.add(field, "has %d entries, want at most %d", have, most)
	}
	return have <= most
}

func checkMarks(c *checker, field string, m v1alpha1.PodMarks) {
	checkLabels(c, field+".labels", m.Labels)
	field += ".annotations"
	if !fewer(c, field, len(m.Annotations), maxMarks) {
		return
	}
	for _, key := range slices.Sorted(maps.Keys(m.Annotations)) {
		checkKey(c, field, key)
		if n := len(m.Annotations[key]); n > maxAnnotationBytes {
			c.add(field, "%.80q has %d bytes, want at most %d", key, n, maxAnnotationBytes)
		}
		for _, prefix := range []string{"container.apparmor.security.beta.kubernetes.io/",
			"container.seccomp.security.alpha.kubernetes.io/", "seccomp.security.alpha.kubernetes.io/"} {
			if strings.HasPrefix(key, prefix) {
				c.add(field, "%.80q would change what Pod Security restricts: our pods keep the runtime's default", key)
			}
		}
	}
}

func checkLabels(c *checker, field string, labels map[string]string) bool {
	if !fewer(c, field, len(labels), maxMarks) {
		return false
	}
	before := len(c.problems)
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		checkKey(c, field, key)
		for _, problem := range validation.IsValidLabelValue(labels[key]) {
			c.add(field, "%.80q of %.80q: %s", labels[key], key, problem)
		}
	}
	return len(c.problems) == before
}

// ownKeys are those that a run finds its objects by, or keeps them in place with.
func ownKeys() []string {
	return []string{"app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/component",
		"app.kubernetes.io/managed-by", kube.AnnotationDoNotDisrupt, kube.AnnotationSafeToEvict}
}

func checkKey(c *checker, field, key string) {
	for _, problem := range validation.IsQualifiedName(key) {
		c.add(field, "%.80q: %s", key, problem)
	}
	domain, _, _ := strings.Cut(key, "/")
	if domain == v1alpha1.Group || strings.HasSuffix(domain, "."+v1alpha1.Group) || slices.Contains(ownKeys(), key) {
		c.add(field, "%s is meshbench's own: leave it out", key)
	}
}

// elsewhere are taints of nodes that are no machines: virtual-kubelets and
// Fargate. Pods have no neighbours there, and no node whose use can be read.
func elsewhere() []string {
	return []string{"virtual-kubelet.io/provider", "eks.amazonaws.com/compute-type"}
}

func checkToleration(c *checker, t v1alpha1.Toleration) {
	const field = "spec.pods.tolerations"
	switch {
	case t.Key == "":
		c.add(field, "one names no key, and would tolerate every taint, also of nodes that are failing: name the taint's key")
		return
	case slices.Contains(elsewhere(), t.Key):
		c.add(field, "%s: nodes with that taint are no machines, and nothing can be measured there", t.Key)
	}
	for _, problem := range validation.IsQualifiedName(t.Key) {
		c.add(field, "%.80q: %s", t.Key, problem)
	}
	for _, problem := range validation.IsValidLabelValue(t.Value) {
		c.add(field, "%s: value %.80q: %s", t.Key, t.Value, problem)
	}
	oneOf(c, field+" of "+t.Key+": operator", []string{t.Operator}, "", "Equal", "Exists")
	oneOf(c, field+" of "+t.Key+": effect", []string{t.Effect}, "", "NoSchedule", "NoExecute", "PreferNoSchedule")
	if t.Operator == "Exists" && t.Value != "" {
		c.add(field, "%s: operator Exists takes any value: leave out value %q", t.Key, t.Value)
	}
}

func checkResources(c *checker, p *v1alpha1.Pods) {
	if q := p.EphemeralStorage; q != nil && (q.Sign() <= 0 || q.Cmp(resource.MustParse("1Ti")) > 0) {
		c.add("spec.pods.ephemeralStorage", "%s is not between 1 and 1Ti", q)
	}
	const field = "spec.pods.resources"
	if !fewer(c, field, len(p.Resources), maxResources) {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(p.Resources)) {
		domain, _, qualified := strings.Cut(name, "/")
		switch q := p.Resources[name]; {
		case !qualified || domain == "kubernetes.io" || strings.HasSuffix(domain, ".kubernetes.io") ||
			strings.HasPrefix(name, "requests."):
			c.add(field, "%.80q is no extended resource, such as example.com/fast-network: CPU and memory are in spec.load "+
				"and spec.target, ephemeral storage in spec.pods.ephemeralStorage", name)
		case len(validation.IsQualifiedName(name)) > 0:
			c.add(field, "%.80q: %s", name, strings.Join(validation.IsQualifiedName(name), "; "))
		case q.Sign() <= 0 || q.Cmp(*resource.NewQuantity(1_000_000, resource.DecimalSI)) > 0 || q.MilliValue()%1000 != 0:
			c.add(field, "%s: %s is not a whole number from 1 to 1,000,000", name, q.String())
		}
	}
}
