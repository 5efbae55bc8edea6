package loopback

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
)

type object = unstructured.Unstructured

// place is where an object is kept.
type place struct{ resource, namespace, name string }

// change is one entry of a store's history.
type change struct {
	version int
	kind    watch.EventType
	at      place
	object  *object
}

// store keeps objects and their history, as etcd does for an API server. What it
// hands out is nobody else's.
type store struct {
	mu      sync.Mutex
	objects map[place]*object
	history []change
	// changed is closed with the next change.
	changed chan struct{}
}

func newStore() *store { return &store{objects: map[place]*object{}, changed: make(chan struct{})} }

func (s *store) record(kind watch.EventType, at place, o *object) {
	version := len(s.history) + 1
	o.SetResourceVersion(strconv.Itoa(version))
	s.history = append(s.history, change{version: version, kind: kind, at: at, object: o.DeepCopy()})
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *store) get(at place) *object {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.objects[at]; o != nil {
		return o.DeepCopy()
	}
	return nil
}

// edit stores what edit makes of the object there, which is nil if there is none.
// Nothing is stored if edit returns nil.
func (s *store) edit(at place, edit func(*object) *object) *object {
	s.mu.Lock()
	defer s.mu.Unlock()
	have, kind := s.objects[at], watch.Added
	if have != nil {
		have, kind = have.DeepCopy(), watch.Modified
	}
	o := edit(have)
	if o == nil {
		return nil
	}
	if kind == watch.Added {
		o.SetUID(types.UID("uid-" + strconv.Itoa(len(s.history)+1)))
	}
	s.record(kind, at, o)
	s.objects[at] = o
	return o.DeepCopy()
}

// remove deletes an object and all that it owns, and returns what went, and what
// had to wait: that is marked as one that is being deleted.
func (s *store) remove(at place, waits func(*object) bool) (gone []place, marked map[place]*object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	marked = map[place]*object{}
	for queue := []place{at}; len(queue) > 0; queue = queue[1:] {
		o := s.objects[queue[0]]
		if o == nil {
			continue
		}
		if waits(o) {
			if o.GetDeletionTimestamp() == nil {
				now := metav1.Now()
				o.SetDeletionTimestamp(&now)
				s.record(watch.Modified, queue[0], o)
				marked[queue[0]] = o.DeepCopy()
			}
			continue
		}
		delete(s.objects, queue[0])
		s.record(watch.Deleted, queue[0], o)
		gone = append(gone, queue[0])
		for other, owned := range s.objects {
			for _, owner := range owned.GetOwnerReferences() {
				if owner.UID == o.GetUID() {
					queue = append(queue, other)
				}
			}
		}
	}
	return gone, marked
}

func nodeOf(o *object) string {
	node, _, _ := unstructured.NestedString(o.Object, "spec", "nodeName")
	return node
}

// selection says which objects of one resource a request means.
type selection struct {
	resource, namespace string
	labels              labels.Selector
	fields              fields.Selector
}

func (x selection) has(at place, o *object) bool {
	if at.resource != x.resource || x.namespace != "" && at.namespace != x.namespace {
		return false
	}
	phase, _, _ := unstructured.NestedString(o.Object, "status", "phase")
	about, _, _ := unstructured.NestedString(o.Object, "involvedObject", "uid")
	return x.labels.Matches(labels.Set(o.GetLabels())) && x.fields.Matches(fields.Set{
		"metadata.name": o.GetName(), "spec.nodeName": nodeOf(o), "status.phase": phase, "involvedObject.uid": about,
	})
}

// list returns the objects of a selection by name, and the version that it shows.
func (s *store) list(x selection) ([]*object, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*object
	order := func(a, b place) int { return strings.Compare(a.namespace+"/"+a.name, b.namespace+"/"+b.name) }
	for _, at := range slices.SortedFunc(maps.Keys(s.objects), order) {
		if o := s.objects[at]; x.has(at, o) {
			all = append(all, o.DeepCopy())
		}
	}
	return all, len(s.history)
}

// since returns the changes after a version, and a channel that is closed with
// the next one.
func (s *store) since(version int) ([]change, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if version > len(s.history) {
		version = len(s.history)
	}
	return s.history[version:len(s.history):len(s.history)], s.changed
}
