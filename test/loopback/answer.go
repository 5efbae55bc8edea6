package loopback

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
)

// answer is a response that remembers its status.
type answer struct {
	http.ResponseWriter
	code int
}

func (w *answer) WriteHeader(code int) {
	w.code = code
	w.ResponseWriter.WriteHeader(code)
}

func (w *answer) flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

func (w *answer) send(v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// refuse answers as an API server says no.
func (w *answer) refuse(code int, message string) {
	reasons := map[int]metav1.StatusReason{
		http.StatusBadRequest: metav1.StatusReasonBadRequest, http.StatusUnauthorized: metav1.StatusReasonUnauthorized,
		http.StatusForbidden: metav1.StatusReasonForbidden, http.StatusNotFound: metav1.StatusReasonNotFound,
		http.StatusConflict: metav1.StatusReasonConflict, http.StatusUnprocessableEntity: metav1.StatusReasonInvalid,
		http.StatusTooManyRequests:     metav1.StatusReasonTooManyRequests,
		http.StatusInternalServerError: metav1.StatusReasonInternalError,
		http.StatusServiceUnavailable:  metav1.StatusReasonServiceUnavailable,
		http.StatusGatewayTimeout:      metav1.StatusReasonTimeout,
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(metav1.Status{
		TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusFailure,
		Code: int32(code), Reason: reasons[code], Message: message,
	})
}

func (w *answer) missing(q request) {
	w.refuse(http.StatusNotFound, fmt.Sprintf("%s %q not found", q.resource, q.name))
}

// cut closes the connection without an answer.
func (w *answer) cut() {
	if connection, _, err := http.NewResponseController(w.ResponseWriter).Hijack(); err == nil {
		_ = connection.Close()
	}
}

// faults are those of a scenario, and those that a test has added.
type faults struct {
	mu      sync.Mutex
	all     []Fault
	since   map[int]time.Time // of those that a test has added
	used    map[int]int
	started []time.Time // of load pods
}

// add begins a fault now.
func (f *faults) add(x Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.since == nil {
		f.since = map[int]time.Time{}
	}
	f.since[len(f.all)] = time.Now()
	f.all = append(f.all, x)
}

// begun says since when a fault holds; false if it has not begun.
func (f *faults) begun(i int) (time.Time, bool) {
	if since, added := f.since[i]; added {
		return since, true
	}
	if n := f.all[i].FromLoadPod; n > 0 {
		if len(f.started) < n {
			return time.Time{}, false
		}
		return f.started[n-1], true
	}
	return time.Time{}, true
}

// loadPodStarted counts the load pods, by which faults begin.
func (f *faults) loadPodStarted() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.started = append(f.started, time.Now())
}

func (f *faults) loadPods() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.started)
}

// next is the fault that takes a request, and how many it has taken with that.
func (f *faults) next(r *http.Request) (*Fault, int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.used == nil {
		f.used = map[int]int{}
	}
	for i, x := range f.all {
		since, begun := f.begun(i)
		if !begun || x.Lasts.Duration > 0 && time.Since(since) > x.Lasts.Duration {
			continue
		}
		if !strings.HasPrefix(r.URL.Path, x.Path) || x.Method != "" && x.Method != r.Method ||
			x.Times > 0 && f.used[i] >= x.Times {
			continue
		}
		f.used[i]++
		return &x, f.used[i]
	}
	return nil, 0
}

// answer reports whether a fault took the request.
func (f *faults) answer(w *answer, r *http.Request) bool {
	x, _ := f.next(r)
	return x != nil && x.answer(w, r)
}

// cuts reports whether a fault closes connections.
func (x Fault) cuts() bool { return x.Code == 0 && x.Delay.Duration == 0 }

// answer answers in place of the API server, after the fault's delay. It reports
// false for what is only late.
func (x Fault) answer(w *answer, r *http.Request) bool {
	select {
	case <-r.Context().Done():
	case <-time.After(x.Delay.Duration):
	}
	if x.Code == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "1")
	}
	switch {
	case x.Code == 0 && x.Delay.Duration > 0:
		return false
	case x.Code == 0:
		w.cut()
	case x.Location != "":
		w.Header().Set("Location", x.Location)
		w.WriteHeader(x.Code)
	case x.ContentType == "":
		w.refuse(x.Code, x.Body)
	default:
		w.Header().Set("Content-Type", x.ContentType)
		w.WriteHeader(x.Code)
		_, _ = io.WriteString(w, x.Body)
	}
	return true
}

func everything(resource string) selection {
	return selection{resource: resource, labels: labels.Everything(), fields: fields.Everything()}
}
