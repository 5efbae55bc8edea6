package journal

import (
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// late is what becomes known after a trial is done: a line of its own, so that
// the trial is safe before.
type late struct {
	// Of is the trial's id.
	Of        string               `json:"resourcesOf,omitempty"`
	Resources *v1alpha1.Resources  `json:"resources,omitempty"`
	Idle      *v1alpha1.IdleWindow `json:"idle,omitempty"`
	// Void says why the trial no longer counts.
	Void string `json:"void,omitempty"`
	// Target is the arm whose target was Replaced.
	Target   string                `json:"targetOf,omitempty"`
	Replaced *v1alpha1.Replacement `json:"replaced,omitempty"`
}

// Resources adds to what is known of a trial that was written before.
func (j *Journal) Resources(trial string, r v1alpha1.Resources) error {
	return j.line(late{Of: trial, Resources: &r})
}

// Void says that a trial that was written before no longer counts.
func (j *Journal) Void(trial, reason string) error { return j.line(late{Of: trial, Void: reason}) }

// Idle adds a window without load.
func (j *Journal) Idle(w v1alpha1.IdleWindow) error { return j.line(late{Idle: &w}) }

// Replaced says that an arm's target was taken away.
func (j *Journal) Replaced(arm string, r v1alpha1.Replacement) error {
	return j.line(late{Target: arm, Replaced: &r})
}

func (e *Entry) takeIn(l late) {
	if l.Replaced != nil {
		if e.Replaced == nil {
			e.Replaced = map[string][]v1alpha1.Replacement{}
		}
		e.Replaced[l.Target] = append(e.Replaced[l.Target], *l.Replaced)
	}
	if l.Idle != nil {
		e.takeInIdle(*l.Idle)
	}
	i := slices.IndexFunc(e.Trials, func(t v1alpha1.Trial) bool { return t.ID == l.Of })
	if i >= 0 && l.Void != "" {
		e.Trials[i].Status, e.Trials[i].Reason = v1alpha1.TrialVoid, l.Void
	}
	if i >= 0 && l.Resources != nil {
		e.Trials[i].Resources = v1alpha1.JoinResources(e.Trials[i].Resources, *l.Resources)
	}
}

// takeInIdle adds a window without load; a later line of the same one counts.
func (e *Entry) takeInIdle(w v1alpha1.IdleWindow) {
	same := func(have v1alpha1.IdleWindow) bool { return have.Experiment == w.Experiment && have.Round == w.Round }
	if e.Idle == nil || same(*e.Idle) {
		e.Idle = &w
		return
	}
	if i := slices.IndexFunc(e.IdleWindows, same); i >= 0 {
		e.IdleWindows[i] = w
		return
	}
	e.IdleWindows = append(e.IdleWindows, w)
}
