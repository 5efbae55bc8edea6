package runner

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
)

// fakeMeter knows the use of a window once late has passed since it was asked.
type fakeMeter struct {
	late     time.Duration
	readable bool
	watched  []string
	endings  []time.Time
	asked    map[string]time.Time
	pods     map[string][]types.NamespacedName
}

func (m *fakeMeter) Watch(_ context.Context, side v1alpha1.Side, pods ...*corev1.Pod) bool {
	for _, p := range pods {
		m.watched = append(m.watched, fmt.Sprintf("%s %s/%s", side, p.Namespace, p.Name))
	}
	return m.readable
}

func (m *fakeMeter) Ending(at time.Time) { m.endings = append(m.endings, at) }

func (m *fakeMeter) Ask(id string, _ v1alpha1.Window, pods ...types.NamespacedName) {
	if m.asked == nil {
		m.asked, m.pods = map[string]time.Time{}, map[string][]types.NamespacedName{}
	}
	m.asked[id], m.pods[id] = time.Now(), pods
}

func (m *fakeMeter) Answers(ctx context.Context, wait bool) map[string]v1alpha1.Resources {
	answers := map[string]v1alpha1.Resources{}
	for wait && len(m.asked) > 0 && ctx.Err() == nil {
		m.take(answers, false)
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
	m.take(answers, wait)
	return answers
}

func (m *fakeMeter) take(answers map[string]v1alpha1.Resources, all bool) {
	for id, at := range m.asked {
		if time.Since(at) >= m.late || all {
			answers[id] = v1alpha1.Resources{Sources: []v1alpha1.ResourceSource{{Name: v1alpha1.SourceCAdvisor,
				Missing: m.missing()}}}
			delete(m.asked, id)
		}
	}
}

func (m *fakeMeter) missing() string {
	if m.readable {
		return ""
	}
	return "not permitted"
}

// sourcesOf are a trial's sources and, from outside of the pods, why they are missing.
func sourcesOf(t v1alpha1.Trial) []string {
	var all []string
	for _, s := range t.Resources.Sources {
		text := string(s.Name)
		if s.Missing != "" && s.Name != v1alpha1.SourceInPod {
			text += ": " + s.Missing
		}
		all = append(all, text)
	}
	return all
}

// idling is a plan that begins with a window of 10 s without load.
func idling(p plan.Plan) plan.Plan {
	p.Idle = 10 * time.Second
	return p
}

// What comes late is waited for once, at the end, before anything is removed.
func TestResourcesReachEveryTrialAndDelayNone(t *testing.T) {
	inBubble(t, "late samples", func(t *testing.T) {
		f, m := newFake(), &fakeMeter{late: 12 * time.Second, readable: true}
		var events []string
		var trialsEnded time.Time
		r := newRunner(f, func(e Event) {
			events = append(events, strings.TrimPrefix(fmt.Sprintf("%T", e), "runner."))
			if done, ok := e.(TrialDone); ok && done.Index == done.Total-1 {
				trialsEnded = time.Now()
			}
		})
		r.Meter = m
		begun := time.Now()
		outcome, err := r.Run(t.Context(), idling(makePlan(t, 2, 1)))
		if err != nil || len(outcome.Trials) != 4 {
			t.Fatalf("error %v, %d trials", err, len(outcome.Trials))
		}
		// The targets of the fake say nothing, for which a trial and an idle window wait 3 s.
		if took := trialsEnded.Sub(begun); took > 13*time.Second+10*time.Second+4*4*time.Second {
			t.Errorf("idle window and trials took %s: a trial waited for samples", took)
		}
		if waited := time.Since(trialsEnded); waited < 12*time.Second || waited > 20*time.Second {
			t.Errorf("waited %s at the end, want 12 s", waited)
		}
		for _, trial := range outcome.Trials {
			if !slices.Equal(sourcesOf(trial), []string{"in-pod", "cadvisor"}) {
				t.Errorf("trial %s has resources of %v", trial.ID, sourcesOf(trial))
			}
			if pods := m.pods[trial.ID]; len(pods) != 2 {
				t.Errorf("trial %s was asked for with pods %v, want a load pod and the target", trial.ID, pods)
			}
		}
		if n := len(m.endings); n != 4 || !m.endings[n-1].After(trialsEnded.Add(-4*time.Second)) {
			t.Errorf("told that load pods end at %v, want four instants", m.endings)
		}
		if outcome.Idle == nil || outcome.Idle.Window.Seconds != 10 || len(outcome.Idle.Resources.Sources) != 1 {
			t.Errorf("idle window %+v", outcome.Idle)
		}
		if !slices.Equal(m.watched[:2],
			[]string{"server ns-base/meshbench-r1-target", "server ns-mesh/meshbench-r1-target"}) || len(m.watched) != 6 {
			t.Errorf("watched %v, want two targets and four load pods", m.watched)
		}
		last := slices.Index(events, "CleaningUp")
		metered := 0
		for i, e := range events {
			if e == "TrialMetered" {
				metered++
				if i > last {
					t.Error("a trial is metered after the clean-up began")
				}
			}
		}
		if metered != 4 || !slices.Contains(events, "IdleMetered") {
			t.Errorf("events %v", events)
		}
	})
	inBubble(t, "nothing can be read", func(t *testing.T) {
		m := &fakeMeter{late: time.Hour}
		r := newRunner(newFake(), nil)
		r.Meter = m
		begun := time.Now()
		outcome, err := r.Run(t.Context(), idling(makePlan(t, 1, 1)))
		if err != nil || outcome.Idle != nil || time.Since(begun) > 2*4*time.Second {
			t.Errorf("error %v, idle %v, took %s: want no idle window and no wait at the end", err, outcome.Idle,
				time.Since(begun))
		}
		for _, trial := range outcome.Trials {
			if !slices.Equal(sourcesOf(trial), []string{"in-pod", "cadvisor: not permitted"}) {
				t.Errorf("trial %s says of its sources %v", trial.ID, sourcesOf(trial))
			}
		}
	})
	inBubble(t, "interrupted while idle", func(t *testing.T) {
		f := newFake()
		ctx, interrupt := context.WithCancel(t.Context())
		r := newRunner(f, func(e Event) {
			if _, ok := e.(Idling); ok {
				time.AfterFunc(time.Second, interrupt)
			}
		})
		r.Meter = &fakeMeter{late: time.Hour, readable: true}
		begun := time.Now()
		outcome, err := r.Run(ctx, idling(makePlan(t, 1, 1)))
		if err != nil || !outcome.Interrupted || time.Since(begun) > 2*time.Second || len(f.left()) > 0 {
			t.Errorf("error %v, interrupted %v, took %s, left %v", err, outcome.Interrupted, time.Since(begun), f.left())
		}
	})
	inBubble(t, "an idle window that was measured before", func(t *testing.T) {
		r := newRunner(newFake(), nil)
		r.Meter, r.Resumed = &fakeMeter{readable: true}, true
		r.DoneIdle = &v1alpha1.IdleWindow{Window: v1alpha1.Window{Seconds: 7}}
		outcome, err := r.Run(t.Context(), idling(makePlan(t, 1, 1)))
		if err != nil || outcome.Idle == nil || outcome.Idle.Window.Seconds != 7 {
			t.Errorf("error %v, idle %+v; want the one of 7 s", err, outcome.Idle)
		}
	})
}

// In-pod figures stay beside what comes later.
func TestLateResourcesAreAppended(t *testing.T) {
	x := &run{Runner: newRunner(newFake(), nil)}
	x.outcome.Trials = []v1alpha1.Trial{{ID: "a",
		Resources: &v1alpha1.Resources{Containers: []v1alpha1.ContainerUsage{{Source: v1alpha1.SourceInPod}}}}}
	x.takeIn(map[string]v1alpha1.Resources{"a": {Containers: []v1alpha1.ContainerUsage{{Source: v1alpha1.SourceCAdvisor}}},
		"b": {}})
	got := x.outcome.Trials[0].Resources.Containers
	if len(got) != 2 || got[0].Source != v1alpha1.SourceInPod || got[1].Source != v1alpha1.SourceCAdvisor {
		t.Errorf("containers %+v", got)
	}
}

func (m *fakeMeter) WatchService(ctx context.Context, _ []string, pods ...*corev1.Pod) bool {
	return m.Watch(ctx, v1alpha1.SideServer, pods...)
}
