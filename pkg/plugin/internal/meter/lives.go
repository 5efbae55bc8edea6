package meter

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
)

// A container may be there more than once: in several lives, one after the
// other; under two control groups, where container runtimes are nested
// (minikube's Docker driver, kind, k3d); from two endpoints of one kubelet; from
// replicas of a Prometheus. Or rows of two clusters that one Prometheus holds
// look the same. Only lives may be added up, and lives never overlap.

// apart is the time that two sources of one counter may be apart: what a kubelet
// serves has been sampled up to 15 s before.
const apart = 30 * time.Second

// oneEach keeps one series for each life of a container, in order. The reason
// says why that cannot be done; it is empty if it can.
func oneEach(all []*series) (lives []*series, reason string) {
	byID := map[string][]*series{}
	for _, s := range all {
		id := s.containerID()
		byID[id] = append(byID[id], s.whole())
	}
	if len(byID) > 1 {
		delete(byID, "") // kubelets serve some metrics a second time, without ids
	}
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		best, reason := oneOf(byID[id], func(s *series) *counter { return &s.cpu })
		if reason != "" {
			return nil, reason
		}
		lives = append(lives, best)
	}
	slices.SortStableFunc(lives, func(a, b *series) int { return a.first().Compare(b.first()) })
	for i := 1; i < len(lives); i++ {
		ended, ok := lives[i-1].endedBy(lives[i].first())
		if !ok {
			return nil, "two series of it count at one time" + difference(lives[i-1].labels, lives[i].labels)
		}
		lives[i-1] = ended
	}
	return lives, ""
}

// labelled is a series with the labels that it goes by.
type labelled interface{ tags() map[string]string }

// oneOf picks the best of several series that must count the same, or says what
// tells them apart.
func oneOf[S labelled](all []S, of func(S) *counter) (best S, reason string) {
	for i, s := range all {
		if i == 0 {
			best = s
			continue
		}
		if !of(best).agrees(of(s)) {
			return best, "there is more than one series of it" + difference(best.tags(), s.tags())
		}
		if of(s).seconds() > of(best).seconds() {
			best = s
		}
	}
	return best, ""
}

// difference names the first label that tells two series apart, and what to do.
func difference(a, b map[string]string) string {
	names := map[string]bool{}
	for _, labels := range []map[string]string{a, b} {
		for name := range labels {
			names[name] = true
		}
	}
	// What every container has of its own says the least.
	own := func(name string) int { return slices.Index([]string{"name", "image", "id"}, name) }
	order := slices.SortedStableFunc(slices.Values(slices.Sorted(maps.Keys(names))),
		func(a, b string) int { return own(a) - own(b) })
	for _, name := range order {
		if a[name] == b[name] {
			continue
		}
		// Which series was found first is chance; what is said of them is not.
		one, other := min(a[name], b[name]), max(a[name], b[name])
		text := fmt.Sprintf(": label %s is %.60q and %.60q", name, one, other)
		if own(name) < 0 {
			text += fmt.Sprintf("; choose with --prometheus-matcher '%s=%.60q'", name, other)
		}
		return text
	}
	return ""
}

// endedBy is a life that was over when the next one began. Samples of a
// container that has ended may go on for a while, but they do not grow.
func (s *series) endedBy(at time.Time) (*series, bool) {
	const nothing = 0.02 // seconds: two ticks
	cut := *s
	cut.cpu.spans = nil
	for _, one := range s.cpu.spans {
		switch {
		case !one.to.After(at):
		case one.from.Before(at):
			one.to = at // it grew before it ended
		case one.amount > nothing:
			return s, false
		default:
			continue
		}
		cut.cpu.spans = append(cut.cpu.spans, one)
	}
	return &cut, true
}

// agrees reports whether two counters can be one: each has the value that the
// other had about then.
func (c *counter) agrees(other *counter) bool {
	if !c.begun || !other.begun {
		return true // one of them says nothing
	}
	return c.holds(other) && other.holds(c)
}

// holds reports whether c had the last value of another counter about then.
func (c *counter) holds(other *counter) bool {
	const grain = 0.02
	low, high := math.Inf(-1), math.Inf(1)
	value, at := c.value, c.at
	for i := len(c.spans); i >= 0; i-- {
		if !at.Before(other.at.Add(apart)) {
			high = value
		}
		if !at.After(other.at.Add(-apart)) {
			low = value
			break
		}
		if i > 0 {
			value, at = value-c.spans[i-1].amount, c.spans[i-1].from
		}
		if value < -grain {
			return true // it was reset: what it was before is not kept
		}
	}
	if math.IsInf(high, 1) {
		high = c.value + c.fastest()*max(0, other.at.Add(apart).Sub(c.at).Seconds())
	}
	if math.IsInf(low, -1) && !at.After(other.at) {
		low = value // its first sample
	}
	return other.value >= low-grain && other.value <= high+grain
}

// fastest is the most that it grew by, in one second.
func (c *counter) fastest() float64 {
	most := 0.0
	for _, s := range c.spans {
		if seconds := s.seconds(); seconds > 0 {
			most = max(most, s.amount/seconds)
		}
	}
	return most
}

// seconds is the time that it covers.
func (c *counter) seconds() float64 {
	sum := 0.0
	for _, s := range c.spans {
		sum += s.seconds()
	}
	return sum
}

const idDigits = 64

// containerID is the id that the runtime gave a container: the 64 hexadecimal
// digits in the last part of its control group's path, whatever stands around
// them (cri-containerd-, crio-, docker-, .scope); that of the part before, where
// the runtime made a group within that of the container; the last part without them.
func containerID(cgroup string) string {
	parts := strings.Split(cgroup, "/")
	last := parts[len(parts)-1]
	if id := digits(last); id != "" {
		return id
	}
	// Below a pod's own group the part before is of something else.
	if len(parts) > 1 && !strings.Contains(last, "pod") {
		if id := digits(parts[len(parts)-2]); id != "" {
			return id
		}
	}
	return last
}

// digits finds as many hexadecimal digits as an id has; empty if there are none.
func digits(text string) string {
	run := 0
	for i := 0; i <= len(text); i++ {
		if i < len(text) && strings.IndexByte("0123456789abcdef", text[i]) >= 0 {
			run++
			continue
		}
		if run == idDigits {
			return text[i-idDigits : i]
		}
		run = 0
	}
	return ""
}
