package wire

import (
	"errors"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

func courseSpec(rate v1alpha1.Rate) LoadSpec {
	return LoadSpec{
		Version: Version, Trial: "t", Clients: 1, Target: "a:1", Protocol: v1alpha1.ProtocolHTTP1, Rate: rate, Connections: 2,
		Window: metav1.Duration{Duration: 2 * time.Second}, RequestTimeout: metav1.Duration{Duration: time.Second},
		ReadyTimeout: metav1.Duration{Duration: time.Second},
	}
}

// honest is what a worker says that did what it was told.
func honest(s LoadSpec) []Frame {
	start := time.Unix(1000, 0).UTC()
	times := func(n int64) *v1alpha1.Histogram { return &v1alpha1.Histogram{Count: n, MeanSeconds: 0.01} }
	load := v1alpha1.LoadResult{Requests: 18, ServiceTime: times(18), ErrorTime: times(2),
		Errors:   []v1alpha1.ErrorCount{{Class: v1alpha1.ErrorReset, Count: 1}, {Class: v1alpha1.ErrorTimeout, Count: 1}},
		Censored: times(1)}
	if !s.Rate.ClosedLoop() {
		load.ResponseTime, load.SendLag = times(18), times(20)
	}
	usage := Frame{Type: TypeUsage, Usage: &Usage{}}
	second := func(i int) Frame {
		return Frame{Type: TypeSecond, Second: &v1alpha1.Second{OffsetSeconds: i, Requests: 9, Errors: 1}}
	}
	return []Frame{
		{Type: TypeHello, Hello: &Hello{Trial: s.Trial, Now: start}},
		{Type: TypeProbe, Probe: &Probe{}},
		{Type: TypeStarted, Started: &Started{WindowStart: start}},
		usage, second(0), usage, usage, second(1),
		{Type: TypeResult, Result: &Result{Load: load, Window: v1alpha1.Window{
			StartedAt: start, EndedAt: start.Add(s.Window.Duration), Seconds: s.Window.Seconds()}}},
		{Type: TypeEnd},
	}
}

func follow(s LoadSpec, frames []Frame) error {
	c := NewCourse(s)
	for _, f := range frames {
		if err := c.Check(f); err != nil {
			return err
		}
	}
	return nil
}

func TestCourseOfAnHonestWorker(t *testing.T) {
	for _, rate := range []v1alpha1.Rate{0, 10} {
		if err := follow(courseSpec(rate), honest(courseSpec(rate))); err != nil {
			t.Errorf("rate %v: %v", float64(rate), err)
		}
	}
}

func TestCourseRefusesWhatNoWorkerSays(t *testing.T) {
	const result, started, firstSecond = 8, 2, 4
	drop := func(i int) func([]Frame) []Frame {
		return func(f []Frame) []Frame { return append(f[:i:i], f[i+1:]...) }
	}
	twice := func(i int) func([]Frame) []Frame {
		return func(f []Frame) []Frame { return append(append(f[:i+1:i+1], f[i]), f[i+1:]...) }
	}
	load := func(change func(*v1alpha1.LoadResult)) func([]Frame) []Frame {
		return func(f []Frame) []Frame { change(&f[result].Result.Load); return f }
	}
	for name, test := range map[string]struct {
		rate   v1alpha1.Rate
		change func([]Frame) []Frame
	}{
		"no greeting":        {change: drop(0)},
		"two greetings":      {change: twice(0)},
		"two probes":         {change: twice(1)},
		"two starts":         {change: twice(started)},
		"no start":           {change: drop(started)},
		"a second missing":   {change: drop(firstSecond)},
		"a second twice":     {change: twice(firstSecond)},
		"usage all the way":  {change: func(f []Frame) []Frame { return twice(6)(twice(6)(f)) }},
		"two results":        {change: twice(result)},
		"no result":          {change: drop(result)},
		"more after the end": {change: twice(9)},
		"another trial":      {change: func(f []Frame) []Frame { f[0].Hello.Trial = "u"; return f }},
		"a window tomorrow": {change: func(f []Frame) []Frame {
			f[started].Started.WindowStart = f[started].Started.WindowStart.Add(24 * time.Hour)
			return f
		}},
		"a shorter window": {change: func(f []Frame) []Frame { f[result].Result.Window.Seconds = 1; return f }},
		"another window": {change: func(f []Frame) []Frame {
			f[result].Result.Window = v1alpha1.Window{Seconds: 2}
			return f
		}},
		"negative seconds":           {change: func(f []Frame) []Frame { f[firstSecond].Second.Requests = -9; return f }},
		"two parts":                  {change: func(f []Frame) []Frame { f[result].Hello = &Hello{}; return f }},
		"an unknown type":            {change: func(f []Frame) []Frame { f[result].Type = "outcome"; return f }},
		"a type without its part":    {change: func(f []Frame) []Frame { f[result].Result = nil; return f }},
		"123,456,789 requests":       {change: load(func(l *v1alpha1.LoadResult) { l.Requests = 123_456_789 })},
		"more samples than requests": {change: load(func(l *v1alpha1.LoadResult) { l.ServiceTime.Count++ })},
		"no samples of failures":     {change: load(func(l *v1alpha1.LoadResult) { l.ErrorTime = nil })},
		"failures without seconds": {change: load(func(l *v1alpha1.LoadResult) {
			l.Errors[0].Count, l.ErrorTime.Count = 9, 10
		})},
		"bounds of nothing":               {change: load(func(l *v1alpha1.LoadResult) { l.Censored.Count++ })},
		"more time than there is":         {change: load(func(l *v1alpha1.LoadResult) { l.ServiceTime.MeanSeconds = 1 })},
		"response times in a closed loop": {change: load(func(l *v1alpha1.LoadResult) { l.ResponseTime = l.ServiceTime })},
		"no send lags":                    {rate: 10, change: load(func(l *v1alpha1.LoadResult) { l.SendLag = nil })},
		"fewer than were due":             {rate: 100, change: func(f []Frame) []Frame { return f }},
		"more than were due":              {rate: 1, change: func(f []Frame) []Frame { return f }},
	} {
		var damaged *DamagedError
		if err := follow(courseSpec(test.rate), test.change(honest(courseSpec(test.rate)))); !errors.As(err, &damaged) {
			// What is missing at the end is for the reader of the log to notice.
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestCourseEndsWithAnError(t *testing.T) {
	failed := Frame{Type: TypeError, Error: &Failure{Stage: "load", Message: "no"}}
	frames := append(honest(courseSpec(0))[:4], failed)
	if err := follow(courseSpec(0), frames); err != nil {
		t.Errorf("an error after the start: %v", err)
	}
	if err := follow(courseSpec(0), append(frames, Frame{Type: TypeEnd})); err == nil ||
		!strings.Contains(err.Error(), "nothing more") {
		t.Errorf("after an error: %v", err)
	}
}
