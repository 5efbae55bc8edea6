// Command traefik is the controller of "Traefik per node": it does for the
// Services of a cluster what Traefik Mesh's controller does (v1.4.8, without
// access control, traffic splits, TCP and UDP). Each Service gets a shadow
// Service that leads to the proxies, and the proxies are told, by HTTP, which
// names and ports they serve, and at which endpoints.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

func main() {
	namespace := flag.String("namespace", "", "the namespace of the proxies and their shadow Services")
	listen := flag.String("listen", ":9000", "where the proxies ask for their configuration")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, *namespace, *listen)
	stop()
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "traefik:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, namespace, listen string) error {
	config, err := rest.InClusterConfig()
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	c := newController(client, namespace)
	served := &http.Server{Addr: listen, Handler: c, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 2)
	go func() { failed <- served.ListenAndServe() }()
	go func() { failed <- c.follow(ctx) }()
	err = <-failed
	_ = served.Close()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// controller keeps shadow Services and the proxies' configuration up to date.
type controller struct {
	client    kubernetes.Interface
	namespace string
	factory   informers.SharedInformerFactory
	// changed holds one token if anything may have changed.
	changed chan struct{}
	current atomic.Pointer[[]byte]
}

func newController(client kubernetes.Interface, namespace string) *controller {
	return &controller{client: client, namespace: namespace, changed: make(chan struct{}, 1),
		factory: informers.NewSharedInformerFactory(client, 0)}
}

// ServeHTTP answers with the configuration, once there is one.
func (c *controller) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	data := c.current.Load()
	if r.URL.Path != "/api/configuration/current" || data == nil {
		http.Error(w, "nothing here, or not yet", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(*data)
}

// follow goes on until ctx is done.
func (c *controller) follow(ctx context.Context) error {
	changed := func() {
		select {
		case c.changed <- struct{}{}:
		default:
		}
	}
	handler := cache.ResourceEventHandlerFuncs{AddFunc: func(any) { changed() },
		UpdateFunc: func(any, any) { changed() }, DeleteFunc: func(any) { changed() }}
	services, slices := c.factory.Core().V1().Services(), c.factory.Discovery().V1().EndpointSlices()
	for _, informer := range []cache.SharedIndexInformer{services.Informer(), slices.Informer()} {
		if _, err := informer.AddEventHandler(handler); err != nil {
			return err
		}
	}
	c.factory.Start(ctx.Done())
	c.factory.WaitForCacheSync(ctx.Done())
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-c.changed:
		}
		all, err := services.Lister().List(labels.Everything())
		if err != nil {
			return err
		}
		endpoints, err := slices.Lister().List(labels.Everything())
		if err != nil {
			return err
		}
		if err := c.reconcile(ctx, all, endpoints); err != nil {
			slog.Error("reconcile", "error", err)
			time.AfterFunc(time.Second, changed)
		}
	}
}

func (c *controller) reconcile(ctx context.Context, all []*corev1.Service, slices []*discoveryv1.EndpointSlice) error {
	want, there := map[string]*corev1.Service{}, map[string]bool{}
	var served []*corev1.Service
	for _, s := range all {
		switch {
		case s.Namespace == c.namespace && isShadow(s):
			there[s.Name] = true
		case isServed(s, c.namespace):
			shadow := shadowOf(s, c.namespace)
			want[shadow.Name] = shadow
			served = append(served, s)
		}
	}
	data, err := json.Marshal(configurationOf(served, slices))
	if err != nil {
		return err
	}
	c.current.Store(&data)
	var errs []error
	shadows := c.client.CoreV1().Services(c.namespace)
	for name, shadow := range want {
		if there[name] {
			continue
		}
		if _, err := shadows.Create(ctx, shadow, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
			errs = append(errs, err)
		}
	}
	for name := range there {
		if want[name] != nil {
			continue
		}
		if err := shadows.Delete(ctx, name, metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
