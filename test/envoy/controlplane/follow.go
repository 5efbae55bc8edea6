package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	listcore "k8s.io/client-go/listers/core/v1"
	listdiscovery "k8s.io/client-go/listers/discovery/v1"
	"k8s.io/client-go/tools/cache"

	"github.com/meshbench/kubectl-meshbench/test/envoy/shape"
)

// follow tells what targets there are, until ctx is done.
func follow(ctx context.Context, client kubernetes.Interface, to *known) error {
	const quiet = 50 * time.Millisecond // between a change and what is made of it
	factory := informers.NewSharedInformerFactory(client, 0)
	services, slices := factory.Core().V1().Services(), factory.Discovery().V1().EndpointSlices()
	changed := make(chan struct{}, 1)
	notify := func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	}
	for _, informer := range []cache.SharedIndexInformer{services.Informer(), slices.Informer()} {
		if _, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
			AddFunc: func(any) { notify() }, UpdateFunc: func(any, any) { notify() }, DeleteFunc: func(any) { notify() },
		}); err != nil {
			return err
		}
	}
	factory.Start(ctx.Done())
	for kind, ok := range factory.WaitForCacheSync(ctx.Done()) {
		if !ok {
			return fmt.Errorf("no list of %v", kind)
		}
	}
	for {
		all, err := targets(services.Lister(), slices.Lister())
		if err != nil {
			return err
		}
		to.serve(ctx, all)
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
			time.Sleep(quiet)
		}
	}
}

// ours selects what runs of meshbench make for their targets.
func ours() labels.Selector {
	return labels.SelectorFromSet(labels.Set{"app.kubernetes.io/name": "meshbench",
		"app.kubernetes.io/component": "target"})
}

// targets are the ports of targets' Services with who is ready behind them, by namespace.
func targets(services listcore.ServiceLister,
	all listdiscovery.EndpointSliceLister) (map[string][]shape.Service, error) {
	found, err := services.List(ours())
	if err != nil {
		return nil, err
	}
	out := map[string][]shape.Service{}
	for _, s := range found {
		if s.Spec.ClusterIP == "" || s.Spec.ClusterIP == corev1.ClusterIPNone {
			continue
		}
		behind, err := all.EndpointSlices(s.Namespace).List(labels.SelectorFromSet(labels.Set{
			discoveryv1.LabelServiceName: s.Name}))
		if err != nil {
			return nil, fmt.Errorf("endpoints of %s: %w", s.Name, err)
		}
		for _, p := range s.Spec.Ports {
			out[s.Namespace] = append(out[s.Namespace], shape.Service{Name: s.Name, Address: s.Spec.ClusterIP,
				Port: int(p.Port), Endpoints: addresses(behind)})
		}
	}
	for namespace := range out {
		slices.SortFunc(out[namespace], shape.Service.Compare)
	}
	return out, nil
}

func addresses(all []*discoveryv1.EndpointSlice) []string {
	var out []string
	for _, slice := range all {
		for _, e := range slice.Endpoints {
			if e.Conditions.Ready == nil || *e.Conditions.Ready {
				out = append(out, e.Addresses...)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
