package loopback

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/yaml"
)

// Call is one request that the API server answered.
type Call struct {
	Method, Path string
	// Permission is "verb resource", Namespace where; both empty for what is no
	// resource.
	Permission, Namespace string
	Code                  int
}

// Server is an API server with the pods of its cluster. Close ends both.
type Server struct {
	scenario Scenario
	store    *store
	pods     *pods
	faults   *faults
	kinds    map[string]string // by group/version/resource
	http     *http.Server
	address  string

	mu      sync.Mutex
	calls   []Call
	crashed bool
	closed  bool
}

// Start serves a scenario on loopback; worker is the program of its pods.
func Start(s Scenario, worker string) (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen on loopback: %w", err)
	}
	v := &Server{scenario: s, store: newStore(), faults: &faults{all: s.Faults}, kinds: kindsByResource(),
		address: "http://" + listener.Addr().String()}
	v.pods = &pods{scenario: s, store: v.store, worker: worker, faults: v.faults, running: map[place]*process{}}
	if err := v.fill(s); err != nil {
		_ = listener.Close()
		return nil, err
	}
	v.serve(listener)
	return v, nil
}

// Close ends the server and every worker.
func (v *Server) Close() {
	v.pods.killAll()
	v.mu.Lock()
	defer v.mu.Unlock()
	v.closed = true
	_ = v.http.Close()
}

// fill stores what is there from the beginning.
func (v *Server) fill(s Scenario) error {
	for _, ns := range s.Namespaces {
		if err := v.keep("v1", "Namespace", &ns); err != nil {
			return err
		}
	}
	for i := range s.MoreNodes {
		s.Nodes = append(s.Nodes, node(fmt.Sprintf("more-%d", i)))
	}
	for _, n := range s.Nodes {
		if err := v.keep("v1", "Node", &n); err != nil {
			return err
		}
	}
	for _, o := range s.Objects {
		v.Put(&object{Object: o})
	}
	return nil
}

func (v *Server) keep(apiVersion, kind string, typed any) error {
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(typed)
	if err != nil {
		return fmt.Errorf("%s of the scenario: %w", kind, err)
	}
	content["apiVersion"], content["kind"] = apiVersion, kind
	v.Put(&object{Object: content})
	return nil
}

// Put stores an object as somebody else would.
func (v *Server) Put(o *unstructured.Unstructured) {
	plural, _ := meta.UnsafeGuessKindToResource(o.GroupVersionKind())
	at := place{plural.Resource, o.GetNamespace(), o.GetName()}
	v.store.edit(at, func(*object) *object { return o.DeepCopy() })
}

// URL is where the server is.
func (v *Server) URL() *url.URL {
	return &url.URL{Scheme: "http", Host: strings.TrimPrefix(v.address, "http://")}
}

// Objects returns what is stored of a resource, in all namespaces.
func (v *Server) Objects(resource string) []*unstructured.Unstructured {
	all, _ := v.store.list(everything(resource))
	return all
}

// Calls returns the requests so far.
func (v *Server) Calls() []Call {
	v.mu.Lock()
	defer v.mu.Unlock()
	return append([]Call(nil), v.calls...)
}

// LoadPods is how many load pods have been started.
func (v *Server) LoadPods() int { return v.faults.loadPods() }

// Inject begins a fault now; FromLoadPod is not looked at.
func (v *Server) Inject(x Fault) { v.faults.add(x) }

// Delete deletes an object as somebody else would.
func (v *Server) Delete(resource, namespace, name string) {
	v.pods.remove(place{resource, namespace, name})
}

// KillOne ends a worker as a node that fails does; load says whose. It reports
// whether there was one.
func (v *Server) KillOne(load bool) bool { return v.pods.killOne(load) }

// Kubeconfig writes a kubeconfig with one context to a file.
func (v *Server) Kubeconfig(path, context string) error {
	return writeKubeconfig(path, context, v.address, nil)
}

func writeKubeconfig(path, context, address string, ca []byte) error {
	cluster := map[string]any{"server": address}
	if ca != nil {
		cluster["certificate-authority-data"] = ca
	}
	config := map[string]any{
		"apiVersion": "v1", "kind": "Config", "current-context": context,
		"contexts": []any{map[string]any{"name": context, "context": map[string]any{"cluster": "c", "user": "u"}}},
		"clusters": []any{map[string]any{"name": "c", "cluster": cluster}},
		"users":    []any{map[string]any{"name": "u", "user": map[string]any{}}},
	}
	text, err := yaml.Marshal(config)
	if err != nil {
		return fmt.Errorf("kubeconfig: %w", err)
	}
	return os.WriteFile(path, text, 0o600)
}

// ServeHTTP answers one request.
func (v *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := &answer{ResponseWriter: w, code: http.StatusOK}
	q, isResource := parse(r)
	defer func() {
		c := Call{Method: r.Method, Path: r.URL.RequestURI(), Code: answer.code}
		if isResource {
			c.Permission, c.Namespace = q.permission(), q.namespace
		}
		v.mu.Lock()
		defer v.mu.Unlock()
		v.calls = append(v.calls, c)
	}()
	if v.faults.answer(answer, r) {
		return
	}
	if !isResource {
		v.discovery(answer, r)
		return
	}
	if v.denied(q.permission(), q.namespace) {
		answer.refuse(http.StatusForbidden, fmt.Sprintf("%s is forbidden: User \"u\" cannot %s in the namespace %q",
			q.resource, q.permission(), q.namespace))
		return
	}
	if err := v.resource(answer, r, q); err != nil {
		answer.refuse(http.StatusBadRequest, err.Error())
	}
}

func (v *Server) denied(permission, namespace string) bool {
	for _, d := range v.scenario.Denied {
		if d == permission || d == permission+" "+namespace {
			return true
		}
	}
	return false
}

func (v *Server) discovery(w *answer, r *http.Request) {
	switch r.URL.Path {
	case "/version":
		w.send(map[string]any{"major": "1", "minor": "34", "gitVersion": "v1.34.0-loopback"})
	case "/api":
		w.send(metav1.APIVersions{TypeMeta: metav1.TypeMeta{Kind: "APIVersions"}, Versions: []string{"v1"}})
	case "/apis":
		w.send(metav1.APIGroupList{TypeMeta: metav1.TypeMeta{Kind: "APIGroupList", APIVersion: "v1"}})
	default:
		w.refuse(http.StatusNotFound, "the server could not find the requested resource")
	}
}

func (v *Server) resource(w *answer, r *http.Request, q request) error {
	switch {
	case q.resource == "selfsubjectaccessreviews":
		return v.review(w, r)
	case q.resource == "pods" && q.resource2 == "log":
		v.pods.log(w, r, q.at())
		return nil
	case q.resource2 != "":
		w.refuse(http.StatusNotFound, "the server could not find the requested resource")
		return nil
	}
	switch q.verb {
	case "list":
		return v.list(w, r, q)
	case "watch":
		return v.watch(w, r, q)
	case "get":
		if o := v.store.get(q.at()); o != nil {
			w.send(o)
			return nil
		}
		w.missing(q)
		return nil
	case "patch", "create":
		return v.write(w, r, q)
	case "delete":
		return v.delete(w, r, q)
	default:
		return fmt.Errorf("no verb %s here", q.verb)
	}
}

// review says what the user may do.
func (v *Server) review(w *answer, r *http.Request) error {
	var review authorizationv1.SelfSubjectAccessReview
	if err := decode(r, &review); err != nil {
		return err
	}
	asked := review.Spec.ResourceAttributes
	if asked == nil {
		return errors.New("only access to resources is reviewed here")
	}
	name := asked.Verb + " " + asked.Resource
	if asked.Subresource != "" {
		name += "/" + asked.Subresource
	}
	review.TypeMeta = metav1.TypeMeta{Kind: "SelfSubjectAccessReview", APIVersion: "authorization.k8s.io/v1"}
	review.Status.Allowed = !v.denied(name, asked.Namespace)
	w.send(review)
	return nil
}

// kindsByResource knows the kinds of the resources that Kubernetes has.
func kindsByResource() map[string]string {
	kinds := map[string]string{}
	for kind := range scheme.Scheme.AllKnownTypes() {
		if kind.Version == runtime.APIVersionInternal || strings.HasSuffix(kind.Kind, "List") {
			continue
		}
		plural, _ := meta.UnsafeGuessKindToResource(kind)
		kinds[schema.GroupVersion{Group: kind.Group, Version: kind.Version}.String()+"/"+plural.Resource] = kind.Kind
	}
	return kinds
}

func resources(cpu, memory, pods string) corev1.ResourceList {
	return corev1.ResourceList{
		corev1.ResourceCPU:    resource.MustParse(cpu),
		corev1.ResourceMemory: resource.MustParse(memory),
		corev1.ResourcePods:   resource.MustParse(pods),
	}
}
