package analyse

import (
	"fmt"
	"math"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/resource"
)

const (
	// dueSlack and dueRequests are by how much requests may exceed what a schedule
	// had due: a window begins between two due instants, on every load pod.
	dueSlack    = 1.01
	dueRequests = 10
	// windowSlack and windowSeconds are by how much a window's ends may disagree with
	// its length: the former are of a clock that is set now and then.
	windowSlack   = 1.1
	windowSeconds = 1.0
)

// Impossible says why no worker of ours can have measured what a usable trial holds;
// empty if one can. Whoever edited a report, sent a frame of their own, or runs a
// worker that is broken is no source of figures. rate is that of the trial's level.
// What is merely unlikely is none of its business.
func Impossible(t v1alpha1.Trial, rate v1alpha1.Rate) string {
	if !t.Usable() {
		return ""
	}
	if t.Rate != nil {
		rate = *t.Rate
	}
	for _, check := range []func() string{
		func() string { return impossibleWindow(*t.Window) },
		func() string { return impossibleCounts(t) },
		func() string { return impossibleContinuity(t) },
		func() string { return impossibleHistograms(*t.Load) },
		func() string { return impossibleRate(t, rate) },
		func() string { return impossibleUse(t) },
	} {
		if why := check(); why != "" {
			return why
		}
	}
	return ""
}

func impossibleWindow(w v1alpha1.Window) string {
	if math.IsInf(w.Seconds, 0) || w.Seconds > maxWindow.Seconds() {
		return fmt.Sprintf("a window of %g s", w.Seconds)
	}
	if w.StartedAt.IsZero() || w.EndedAt.IsZero() {
		return "" // nothing to hold the length against
	}
	switch by := w.EndedAt.Sub(w.StartedAt).Seconds(); {
	case by < 0:
		return fmt.Sprintf("a window that ends %.3g s before it begins", -by)
	case by > w.Seconds*windowSlack+windowSeconds || w.Seconds > by*windowSlack+windowSeconds:
		return fmt.Sprintf("a window of %.4g s whose ends are %.4g s apart", w.Seconds, by)
	}
	return ""
}

// maxWindow is longer than any experiment may ask for.
const maxWindow = 100 * 24 * time.Hour

func impossibleCounts(t v1alpha1.Trial) string {
	l := t.Load
	counts := []struct {
		name string
		n    int64
	}{{"answered requests", l.Requests}, {"unsent requests", l.Unsent}, {"sockets", l.Sockets}}
	if l.WindowSockets != nil {
		counts = append(counts, struct {
			name string
			n    int64
		}{"sockets in the window", *l.WindowSockets})
	}
	for _, c := range counts {
		if c.n < 0 {
			return fmt.Sprintf("%d %s", c.n, c.name)
		}
	}
	for _, e := range l.Errors {
		if e.Count < 0 {
			return fmt.Sprintf("%d errors of class %.40q", e.Count, e.Class)
		}
	}
	for _, s := range t.Series {
		if s.Requests < 0 || s.Errors < 0 {
			return fmt.Sprintf("%d requests and %d errors in second %d", s.Requests, s.Errors, s.OffsetSeconds)
		}
	}
	r := t.Received
	if r != nil && (r.Sent < 0 || r.Received < 0) {
		return fmt.Sprintf("%d requests sent and %d received", r.Sent, r.Received)
	}
	if r != nil && r.Faults != nil && (*r.Faults < 0 || *r.Faults > r.Received) {
		return fmt.Sprintf("%d requests received and %d of them failed as asked", r.Received, *r.Faults)
	}
	return ""
}

// impossibleContinuity is of how answers came through a disturbance.
func impossibleContinuity(t v1alpha1.Trial) string {
	c := t.Load.Continuity
	if c == nil {
		return ""
	}
	if c.Failed < 0 || c.Held < 0 || c.Failed > t.Load.Failed() {
		return fmt.Sprintf("%d failed requests after a disturbance, of %d, and %d held", c.Failed, t.Load.Failed(), c.Held)
	}
	for _, g := range c.Gaps {
		if !(g.FromSeconds >= 0 && g.FromSeconds <= g.ToSeconds && g.ToSeconds <= t.Window.Seconds*dueSlack) {
			return fmt.Sprintf("a gap from %g to %g s in a window of %.4g s", g.FromSeconds, g.ToSeconds, t.Window.Seconds)
		}
	}
	for _, v := range []*float64{&c.UnlistedSeconds, c.LastFailedSeconds, c.CalmP99Seconds, c.RecoveredSeconds} {
		if v != nil && !(*v >= 0 && *v <= maxWindow.Seconds()) {
			return fmt.Sprintf("%g s in what a disturbance did", *v)
		}
	}
	return ""
}

func impossibleHistograms(l v1alpha1.LoadResult) string {
	for _, h := range []struct {
		name string
		of   *v1alpha1.Histogram
		// least and most are how many samples it may hold.
		least, most int64
	}{
		{"service times", l.ServiceTime, l.Requests, l.Requests},
		{"response times", l.ResponseTime, l.Requests, l.Requests},
		{"send lags", l.SendLag, 0, math.MaxInt64},
		{"times of failed requests", l.ErrorTime, 0, l.Failed()},
		{"requests without an answer", l.Censored, 0, l.Failed() + l.Unsent},
	} {
		if h.of == nil {
			continue
		}
		if h.of.Count < h.least || h.of.Count > h.most {
			return fmt.Sprintf("%d %s of %d requests", h.of.Count, h.name, l.Requests)
		}
		if why := impossibleHistogram(*h.of); why != "" {
			return h.name + " with " + why
		}
	}
	return ""
}

func impossibleHistogram(h v1alpha1.Histogram) string {
	switch {
	case h.Count < 0 || h.Clamped < 0 || h.Clamped > h.Count:
		return fmt.Sprintf("%d of %d samples beyond the scale", h.Clamped, h.Count)
	case h.Count == 0:
		return ""
	case !(h.MinSeconds >= 0 && h.MaxSeconds >= 0 && h.MeanSeconds >= 0) || math.IsInf(h.MaxSeconds, 1):
		return fmt.Sprintf("a range of %g to %g s", h.MinSeconds, h.MaxSeconds)
	// Both are of buckets that are a thousandth wide.
	case h.MinSeconds > h.MaxSeconds || h.MeanSeconds*1.002 < h.MinSeconds || h.MeanSeconds > h.MaxSeconds*1.002:
		return fmt.Sprintf("a mean of %g s between %g and %g s", h.MeanSeconds, h.MinSeconds, h.MaxSeconds)
	}
	return ""
}

func impossibleRate(t v1alpha1.Trial, rate v1alpha1.Rate) string {
	if rate.ClosedLoop() {
		return ""
	}
	l := t.Load
	all := float64(l.Requests) + float64(l.Failed()) + float64(l.Unsent)
	pods := max(1, len(t.Pods))
	if due := float64(rate) * t.Window.Seconds; all > due*dueSlack+float64(dueRequests*pods) {
		return fmt.Sprintf("%.0f requests where %.0f were due (%s/s for %.4g s)", all, due, rate, t.Window.Seconds)
	}
	return ""
}

// impossibleUse is of what generators used, and of what anybody did in the window.
func impossibleUse(t v1alpha1.Trial) string {
	for _, c := range t.Clients {
		if c.CPUSeconds == nil {
			continue
		}
		if why := resource.Impossible(*c.CPUSeconds, t.Window.Seconds, t.Window.Seconds,
			float64(c.Processors)); why != "" {
			return "a load generator with " + why
		}
	}
	if t.Resources == nil {
		return ""
	}
	for _, c := range t.Resources.Containers {
		if c.CPUSeconds != nil {
			if why := resource.Impossible(*c.CPUSeconds, c.CoveredSeconds, t.Window.Seconds, 0); why != "" {
				return fmt.Sprintf("container %.60s with %s", c.Container, why)
			}
		}
	}
	for _, n := range t.Resources.Nodes {
		if n.CPUSeconds != nil {
			if why := resource.Impossible(*n.CPUSeconds, n.CoveredSeconds, t.Window.Seconds, float64(n.CPUs)); why != "" {
				return fmt.Sprintf("node %.60s with %s", n.Node, why)
			}
		}
	}
	return ""
}
