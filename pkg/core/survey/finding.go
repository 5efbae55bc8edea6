package survey

import (
	"fmt"
	"slices"
	"strings"
)

// Finding is one of the thesis' F1 to F6 (section 3.5.1), counted again.
type Finding struct {
	ID string `json:"id"`
	// Title is the thesis' sentence.
	Title string `json:"title"`
	// In2022 is what its own tables give, Now what today's do.
	In2022 string `json:"in2022"`
	Now    string `json:"now"`
	// Holds is whether the sentence still does.
	Holds Answer `json:"holds"`
}

// Answer is yes, no, or that what is known does not decide it.
type Answer string

// The answers.
const (
	Holds     Answer = "holds"
	NoMore    Answer = "no longer holds"
	Undecided Answer = "not decided"
)

// counted is how one finding is computed.
type counted struct {
	id, title string
	count     func(systems []System, era Era) (string, Answer)
}

// Findings counts all of them again.
func (s Survey) Findings() []Finding {
	then := slices.DeleteFunc(slices.Clone(s.systems), func(x System) bool {
		return x.Role != RoleMesh || x.Thesis == nil
	})
	now := slices.DeleteFunc(slices.Clone(s.systems), func(x System) bool { return x.Role != RoleMesh })
	var all []Finding
	for _, f := range counts() {
		found := Finding{ID: f.id, Title: f.title}
		found.In2022, _ = f.count(then, In2022)
		found.Now, found.Holds = f.count(now, Today)
		all = append(all, found)
	}
	return all
}

func counts() []counted {
	return []counted{
		{"F1", "Most of the identified service mesh systems share a similar data plane architecture.", perPod},
		{"F2", "Per-node data plane architecture prevents support for common security features.", perNode},
		{"F3", "Most identified systems do not support all functional requirements.", allFunctions},
		{"F4", "Maturity does not translate to support of requirements.", mature},
		{"F5", "Lack of additional layer 7 protocol support.", additional},
		{"F6", "New technologies enable additional data plane architectures.", kernel},
	}
}

func perPod(systems []System, era Era) (string, Answer) {
	pods := having(systems,
		func(x System) bool { return slices.Equal(x.at(era)("proxy", "architecture").Places, []string{"pod"}) })
	envoy := having(pods, func(x System) bool { return strings.Contains(x.at(era)("proxy", "proxy").Text, "Envoy") })
	return fmt.Sprintf("%d of %d have one proxy per pod; %d of these use Envoy", len(pods), len(systems), len(envoy)),
		answer(2*len(pods) > len(systems))
}

func perNode(systems []System, era Era) (string, Answer) {
	nodes := having(systems, func(x System) bool {
		p := x.at(era)("proxy", "architecture").Places
		return slices.Contains(p, "node") && !slices.Contains(p, "pod")
	})
	secure := having(nodes, func(x System) bool { return x.at(era)("security", "mtls").Level == Yes })
	partly := having(nodes, func(x System) bool { return x.at(era)("security", "mtls").Level == Partly })
	text := fmt.Sprintf("proxies per node: %s; mutual TLS: %s", names(nodes), names(secure))
	if len(partly) > 0 {
		text += ", partly " + names(partly)
	}
	return text, answer(len(secure)+len(partly) == 0)
}

func allFunctions(systems []System, era Era) (string, Answer) {
	var full, open []System
	for _, x := range systems {
		met, unknown := true, false
		for _, j := range x.judged(era) {
			if strings.HasPrefix(j.Requirement, "F") {
				met = met && (j.Level == Yes || j.Level == Unknown)
				unknown = unknown || j.Level == Unknown
			}
		}
		switch {
		case met && unknown:
			open = append(open, x)
		case met:
			full = append(full, x)
		}
	}
	text := fmt.Sprintf("%d of %d fully satisfy FR1 to FR4: %s", len(full), len(systems), names(full))
	if len(open) > 0 {
		text += "; not decided: " + names(open)
	}
	switch {
	case 2*(len(full)+len(open)) <= len(systems):
		return text, Holds
	case 2*len(full) > len(systems):
		return text, NoMore
	}
	return text, Undecided
}

// judged is by the rules today, and as printed in 2022.
func (s System) judged(era Era) []Judgement {
	all := s.Judge(era)
	for i := range all {
		if era == In2022 && all[i].Printed != nil {
			all[i].Level = all[i].Printed.Level
		}
	}
	return all
}

func mature(systems []System, era Era) (string, Answer) {
	var lines []string
	lacking, open := 0, 0
	graduated := having(systems, func(x System) bool { return x.at(era)("nonfunctional", "cncf").Level == Yes })
	for _, x := range graduated {
		var not, unknown []string
		for _, j := range x.judged(era) {
			if j.Requirement == "NFR4" || j.Requirement == "NFR5" {
				continue // these are maturity itself
			}
			switch j.Level {
			case No, Partly:
				not = append(not, j.Requirement)
			case Unknown:
				unknown = append(unknown, j.Requirement)
			}
		}
		line := x.Title + " has all"
		switch {
		case len(not) > 0:
			lacking++
			line = x.Title + " lacks " + strings.Join(not, ", ")
		case len(unknown) > 0:
			open++
			line = x.Title + " has all but what was not judged again (" + strings.Join(unknown, ", ") + ")"
		}
		lines = append(lines, line)
	}
	text := "graduated projects: none"
	if len(lines) > 0 {
		text = "graduated projects: " + strings.Join(lines, "; ")
	}
	if lacking == 0 && open > 0 {
		return text, Undecided
	}
	return text, answer(lacking > 0)
}

func additional(systems []System, era Era) (string, Answer) {
	more := having(systems, func(x System) bool { return x.at(era)("protocols", "additional").Level == Yes })
	open := having(systems, func(x System) bool { return x.at(era)("protocols", "additional").Level == Unknown })
	text := fmt.Sprintf("%d of %d carry more protocols: %s", len(more), len(systems), names(more))
	if len(open) > 0 {
		text += "; not known: " + names(open)
	}
	switch {
	case 2*(len(more)+len(open)) <= len(systems):
		return text, Holds
	case 2*len(more) > len(systems):
		return text, NoMore
	}
	return text, Undecided
}

func kernel(systems []System, era Era) (string, Answer) {
	in := having(systems,
		func(x System) bool { return slices.Contains(x.at(era)("proxy", "architecture").Places, "kernel") })
	other := having(systems, func(x System) bool {
		p := x.at(era)("proxy", "architecture").Places
		return len(p) > 0 && !slices.Contains(p, "pod")
	})
	return fmt.Sprintf("in the kernel: %s; without a proxy per pod: %s", names(in), names(other)), answer(len(in) > 0)
}

func answer(holds bool) Answer {
	if holds {
		return Holds
	}
	return NoMore
}

func having(systems []System, is func(System) bool) []System {
	var kept []System
	for _, x := range systems {
		if is(x) {
			kept = append(kept, x)
		}
	}
	return kept
}

func names(systems []System) string {
	var all []string
	for _, x := range systems {
		all = append(all, x.Title)
	}
	if len(all) == 0 {
		return "none"
	}
	return strings.Join(all, ", ")
}
