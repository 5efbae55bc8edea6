package cluster

import (
	"context"
	"fmt"
	"maps"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/discovery"

	"github.com/meshbench/kubectl-meshbench/pkg/core/mesh"
)

// installedLimit bounds reading what no run depends on.
const installedLimit = 20 * time.Second

// Installed reads what shows which meshes a cluster has. All of it is optional:
// what the user may not read is named in the result, never an error.
func (c *Client) Installed(ctx context.Context, meshes mesh.Catalogue) mesh.Installed {
	ctx, stop := context.WithTimeoutCause(ctx, installedLimit, fmt.Errorf("not read in %s", installedLimit))
	defer stop()
	var in mesh.Installed
	try := func(what string, err error) {
		if err != nil {
			in.Missing = append(in.Missing, fmt.Sprintf("%s: %v", what, err))
		}
	}
	groups, err := discovery.ToServerGroupsInterfaceWithContext(c.clientset.Discovery()).ServerGroupsWithContext(ctx)
	try("API groups", err)
	if groups != nil {
		for _, g := range groups.Groups {
			in.APIGroups = append(in.APIGroups, g.Name)
		}
	}
	add := func(kind string, o metav1.ObjectMeta, template corev1.PodTemplateSpec) {
		w := mesh.InstalledWorkload{Kind: kind, Namespace: o.Namespace, Name: o.Name,
			Labels: merged(template.Labels, o.Labels)}
		if meshes.Interesting(w) {
			w.Containers = meshes.Containers(template.Spec)
			in.Workloads = append(in.Workloads, w)
		}
	}
	apps := c.clientset.AppsV1()
	try("Deployments", pages(ctx, metav1.ListOptions{}, apps.Deployments("").List, func(l *appsv1.DeploymentList) {
		for _, o := range l.Items {
			add("Deployment", o.ObjectMeta, o.Spec.Template)
		}
	}))
	try("DaemonSets", pages(ctx, metav1.ListOptions{}, apps.DaemonSets("").List, func(l *appsv1.DaemonSetList) {
		for _, o := range l.Items {
			add("DaemonSet", o.ObjectMeta, o.Spec.Template)
		}
	}))
	try("StatefulSets", pages(ctx, metav1.ListOptions{}, apps.StatefulSets("").List, func(l *appsv1.StatefulSetList) {
		for _, o := range l.Items {
			add("StatefulSet", o.ObjectMeta, o.Spec.Template)
		}
	}))
	hooks := c.clientset.AdmissionregistrationV1().MutatingWebhookConfigurations()
	try("MutatingWebhookConfigurations",
		pages(ctx, metav1.ListOptions{}, hooks.List, func(l *admissionregistrationv1.MutatingWebhookConfigurationList) {
			for _, o := range l.Items {
				if w := webhook(o); meshes.InterestingWebhook(w) {
					in.Webhooks = append(in.Webhooks, w)
				}
			}
		}))
	return in
}

func webhook(o admissionregistrationv1.MutatingWebhookConfiguration) mesh.InstalledWebhook {
	w := mesh.InstalledWebhook{Name: o.Name, Labels: o.Labels}
	for _, h := range o.Webhooks {
		w.Webhooks = append(w.Webhooks, h.Name)
		w.FailsOpen = w.FailsOpen || h.FailurePolicy != nil && *h.FailurePolicy == admissionregistrationv1.Ignore
	}
	return w
}

// merged is the labels of an object over those of its pods.
func merged(pods, own map[string]string) map[string]string {
	all := maps.Clone(pods)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, own)
	return all
}
