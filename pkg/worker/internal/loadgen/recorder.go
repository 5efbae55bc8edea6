package loadgen

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// maxShards bounds the recorder's memory, about a megabyte for each, whatever
// the number of connections.
const maxShards = 8

const (
	// maxKinds bounds the kinds of errors that are told apart, and so the memory
	// and the length of a result, whatever a target answers.
	maxKinds = 64
	// furtherKinds is the detail of all beyond.
	furtherKinds = "others"
)

// recorder takes samples from all connections. Connections share a few shards
// with a lock each, which hardly ever meet.
type recorder struct {
	open   bool
	shards []*shard
	// total is everything that has left the shards.
	total recording
	// metrics are shown what leaves the shards; nil if nobody watches.
	metrics *Metrics
	// through follows a disturbance; nil for none.
	through *continuity
}

// recording is what was measured in some span of time.
type recording struct {
	// lead is what a user waits for: the response time in an open schedule,
	// else the service time. It holds the requests answered as asked.
	lead *stats.Histogram
	// service and lag are of open schedules only.
	service, lag *stats.Histogram
	failed       *stats.Histogram
	// censored holds lower bounds: how late requests were, at least, that nobody
	// saw an answer of.
	censored *stats.Histogram
	errors   map[kind]int64
	// answers are the first of each kind that came back.
	answers map[kind]*v1alpha1.FailedAnswer
	unsent  int64
}

type shard struct {
	mu sync.Mutex
	recording
}

// sample is one request that has ended.
type sample struct {
	// due is the instant the schedule asked for; the zero time in a closed loop.
	due         time.Time
	sent, ended time.Time
	failure     *failure
}

func newRecorder(open bool, connections int) *recorder {
	r := &recorder{open: open, total: newRecording(open)}
	for range min(connections, maxShards) {
		r.shards = append(r.shards, &shard{recording: newRecording(open)})
	}
	return r
}

func newRecording(open bool) recording {
	r := recording{lead: stats.NewHistogram(), errors: map[kind]int64{},
		answers: map[kind]*v1alpha1.FailedAnswer{}}
	if open {
		r.service, r.lag = stats.NewHistogram(), stats.NewHistogram()
	}
	return r
}

// record takes a sample of a connection, counted from 0.
func (r *recorder) record(connection int, s sample) {
	x := r.shards[connection%len(r.shards)]
	service := s.ended.Sub(s.sent)
	if r.through != nil {
		r.through.record(s)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if r.open {
		x.lag.Record(s.sent.Sub(s.due))
	}
	switch {
	case s.failure != nil:
		if x.failed == nil {
			x.failed = stats.NewHistogram()
		}
		x.failed.Record(service)
		x.count(s.failure.kind(), 1, s.failure.answer)
		if s.failure.class == v1alpha1.ErrorTimeout {
			x.censor(s.ended.Sub(s.since()))
		}
	case r.open:
		x.service.Record(service)
		x.lead.Record(s.ended.Sub(s.due))
	default:
		x.lead.Record(service)
	}
}

// since is the instant that a user's wait is counted from.
func (s sample) since() time.Time {
	if s.due.IsZero() {
		return s.sent
	}
	return s.due
}

// censor takes in a request that was at least so late.
func (r *recording) censor(atLeast time.Duration) {
	if r.censored == nil {
		r.censored = stats.NewHistogram()
	}
	r.censored.Record(atLeast)
}

// count adds failures of one kind, and keeps the first answer of the kind.
func (r *recording) count(k kind, n int64, answer *v1alpha1.FailedAnswer) {
	if _, known := r.errors[k]; !known && len(r.errors) >= maxKinds {
		k.detail = furtherKinds
	}
	r.errors[k] += n
	if answer != nil && r.answers[k] == nil {
		r.answers[k] = answer
	}
}

// censorSteps bounds the time that unsent requests take to be recorded.
const censorSteps = 1000

// recordUnsent takes in n requests of a connection that were due and never
// sent; the earliest was due so long before the end of the window, the others
// one interval apart. Many are recorded in steps, each at its least.
func (r *recorder) recordUnsent(connection int, n int64, earliest, interval time.Duration) {
	if n <= 0 {
		return
	}
	if r.through != nil {
		r.through.recordUnsent(n, earliest, interval)
	}
	x := r.shards[connection%len(r.shards)]
	x.mu.Lock()
	defer x.mu.Unlock()
	x.unsent += n
	if x.censored == nil {
		x.censored = stats.NewHistogram()
	}
	step := (n + censorSteps - 1) / censorSteps
	for done := int64(0); done < n; {
		some := min(step, n-done)
		done += some
		x.censored.RecordMany(earliest-time.Duration(done-1)*interval, some)
	}
}

// turn moves what the shards hold into the total, and returns it summed up as
// one second of the series.
func (r *recorder) turn(offset int) v1alpha1.Second {
	span := newRecording(r.open)
	for _, x := range r.shards {
		x.mu.Lock()
		span.take(&x.recording)
		x.mu.Unlock()
	}
	second := v1alpha1.Second{OffsetSeconds: offset, Requests: span.lead.Count()}
	for _, n := range span.errors {
		second.Errors += n
	}
	if second.Requests > 0 {
		p50, p99 := span.lead.Quantile(0.5).Seconds(), span.lead.Quantile(0.99).Seconds()
		second.P50Seconds, second.P99Seconds = &p50, &p99
	}
	if r.metrics != nil {
		r.metrics.add(&span)
	}
	r.total.take(&span)
	return second
}

// take moves everything of another recording into this one.
func (r *recording) take(other *recording) {
	move := func(into **stats.Histogram, from *stats.Histogram) {
		if from == nil || from.Count() == 0 {
			return
		}
		if *into == nil {
			*into = stats.NewHistogram()
		}
		// All histograms here have one resolution, so merging cannot fail.
		_ = (*into).Merge(from)
		from.Reset()
	}
	move(&r.lead, other.lead)
	move(&r.service, other.service)
	move(&r.lag, other.lag)
	move(&r.failed, other.failed)
	move(&r.censored, other.censored)
	for k, n := range other.errors {
		r.count(k, n, other.answers[k])
	}
	clear(other.errors)
	clear(other.answers)
	r.unsent += other.unsent
	other.unsent = 0
}

// result is the total; turn must have emptied the shards.
func (r *recorder) result() v1alpha1.LoadResult {
	out := v1alpha1.LoadResult{Requests: r.total.lead.Count(), Unsent: r.total.unsent, ErrorTime: toAPI(r.total.failed),
		Censored: toAPI(r.total.censored)}
	if r.through != nil {
		out.Continuity = r.through.result()
	}
	if r.open {
		out.ResponseTime, out.ServiceTime, out.SendLag = toAPI(r.total.lead), toAPI(r.total.service), toAPI(r.total.lag)
	} else {
		out.ServiceTime = toAPI(r.total.lead)
	}
	for k, n := range r.total.errors {
		out.Errors = append(out.Errors,
			v1alpha1.ErrorCount{Class: k.class, Detail: k.detail, Count: n, Answer: r.total.answers[k]})
	}
	slices.SortFunc(out.Errors, func(a, b v1alpha1.ErrorCount) int {
		return cmp.Or(cmp.Compare(a.Class, b.Class), cmp.Compare(a.Detail, b.Detail))
	})
	return out
}

// toAPI leaves a distribution without samples out.
func toAPI(h *stats.Histogram) *v1alpha1.Histogram {
	if h == nil || h.Count() == 0 {
		return nil
	}
	return h.ToAPI()
}
