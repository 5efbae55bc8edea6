package loopback

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/yaml"
)

// list answers with a page.
func (v *Server) list(w *answer, r *http.Request, q request) error {
	x, err := q.selection(r)
	if err != nil {
		return err
	}
	all, version := v.store.list(x)
	head := map[string]any{"resourceVersion": strconv.Itoa(version)}
	from, _ := strconv.Atoi(r.URL.Query().Get("continue"))
	to := len(all)
	if limit, _ := strconv.Atoi(r.URL.Query().Get("limit")); limit > 0 && from+limit < to {
		to = from + limit
		head["continue"] = strconv.Itoa(to)
	}
	kind, known := v.kinds[q.apiVersion()+"/"+q.resource]
	if !known {
		w.refuse(http.StatusNotFound, "the server could not find the requested resource")
		return nil
	}
	items := all[min(from, to):to]
	if items == nil {
		items = []*object{}
	}
	w.send(map[string]any{"apiVersion": q.apiVersion(), "kind": kind + "List", "metadata": head, "items": items})
	return nil
}

// watch streams changes until the client leaves.
func (v *Server) watch(w *answer, r *http.Request, q request) error {
	x, err := q.selection(r)
	if err != nil {
		return err
	}
	version, _ := strconv.Atoi(r.URL.Query().Get("resourceVersion"))
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	emit := func(kind string, o any) {
		_ = json.NewEncoder(w).Encode(map[string]any{"type": kind, "object": o})
		w.flush()
	}
	if r.URL.Query().Get("sendInitialEvents") == "true" {
		var all []*object
		all, version = v.store.list(x)
		for _, o := range all {
			emit("ADDED", o)
		}
		end := &object{Object: map[string]any{"apiVersion": q.apiVersion(), "kind": v.kinds[q.apiVersion()+"/"+q.resource]}}
		end.SetResourceVersion(strconv.Itoa(version))
		end.SetAnnotations(map[string]string{metav1.InitialEventsAnnotationKey: "true"})
		emit("BOOKMARK", end)
	}
	w.flush()
	for {
		changes, more := v.store.since(version)
		for _, c := range changes {
			version = c.version
			if x.has(c.at, c.object) {
				emit(string(c.kind), c.object)
			}
		}
		select {
		case <-r.Context().Done():
			return nil
		case <-more:
			time.Sleep(v.scenario.WatchDelay.Duration) // the scenario's, 0 for most
		}
	}
}

// write creates an object, or merges into one that is there.
func (v *Server) write(w *answer, r *http.Request, q request) error {
	var content map[string]any
	if err := decode(r, &content); err != nil {
		return err
	}
	sent := &object{Object: content}
	if q.name == "" {
		q.name = sent.GetName()
	}
	sent.SetNamespace(q.namespace)
	if q.resource == "pods" && v.store.get(q.at()) == nil {
		if no := v.pods.admit(sent); no != nil {
			w.refuse(no.Code, no.Message)
			return nil
		}
	}
	if r.URL.Query().Get("dryRun") != "" {
		w.send(sent)
		return nil
	}
	created := false
	stored := v.store.edit(q.at(), func(have *object) *object {
		if created = have == nil; created {
			if r.Header.Get("Content-Type") == "application/merge-patch+json" {
				return nil
			}
			sent.SetCreationTimestamp(metav1.Now())
			sent.SetManagedFields([]metav1.ManagedFieldsEntry{{Manager: r.URL.Query().Get("fieldManager"),
				Operation: operation(r)}})
			return sent
		}
		merge(have.Object, content)
		return have
	})
	if stored == nil {
		w.missing(q)
		return nil
	}
	if created && q.resource == "pods" {
		v.pods.begin(q.at(), stored)
	}
	w.send(stored)
	return nil
}

// operation is how managed fields call a request.
func operation(r *http.Request) metav1.ManagedFieldsOperationType {
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/apply-patch") {
		return metav1.ManagedFieldsOperationApply
	}
	return metav1.ManagedFieldsOperationUpdate
}

// merge is a JSON merge patch (RFC 7396) without its deletions.
func merge(into, from map[string]any) {
	for key, value := range from {
		if deep, ok := value.(map[string]any); ok {
			if have, ok := into[key].(map[string]any); ok {
				merge(have, deep)
				continue
			}
		}
		into[key] = value
	}
}

func (v *Server) delete(w *answer, r *http.Request, q request) error {
	var options metav1.DeleteOptions
	if err := decode(r, &options); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	o := v.store.get(q.at())
	if o == nil {
		w.missing(q)
		return nil
	}
	if p := options.Preconditions; p != nil && p.UID != nil && *p.UID != o.GetUID() {
		w.refuse(http.StatusConflict, fmt.Sprintf("the UID in the precondition (%s) does not match the UID in record (%s)",
			*p.UID, o.GetUID()))
		return nil
	}
	v.pods.remove(q.at())
	w.send(metav1.Status{TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusSuccess})
	return nil
}

// decode reads a body: what clients write as JSON, YAML or protobuf.
func decode(r *http.Request, into any) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	if len(body) == 0 {
		return io.EOF
	}
	if o, ok := into.(runtime.Object); ok && strings.Contains(r.Header.Get("Content-Type"), "protobuf") {
		return runtime.DecodeInto(scheme.Codecs.UniversalDeserializer(), body, o)
	}
	return yaml.Unmarshal(body, into)
}
