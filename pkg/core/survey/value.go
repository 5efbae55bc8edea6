package survey

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Kind of a column says what its cells mean.
type columnKind int

const (
	kindText columnKind = iota
	kindMark
	kindStage
	kindGrade
	kindNumber
	kindDate
	kindPlaces
)

// Level is what a cell means to a rule.
type Level int

// The levels. Unknown is the zero value: it is never taken for No.
const (
	Unknown Level = iota
	No
	Partly
	Yes
)

// String is the level as a word.
func (l Level) String() string { return [...]string{"unknown", "no", "partly", "yes"}[l] }

// Value is a cell's text with what it means.
type Value struct {
	Text  string
	Level Level
	// Number is set for counts.
	Number int
	// Date is YYYY-MM-DD for dates that are known to the day.
	Date string
	// Places are where proxies stand, sorted: pod, node, kernel, waypoint,
	// application.
	Places []string
	// key is what is compared to tell a change.
	key string
}

// printed reads a cell of 2022.
func printed(kind columnKind, text string) (Value, error) {
	v := Value{Text: text, key: strings.ToLower(strings.TrimRight(text, "*/"))}
	known := false
	switch kind {
	case kindMark:
		v.Level, known = map[string]Level{"✓": Yes, "✓*": Yes, "✗": No}[text]
	case kindStage:
		v.Level, known = map[string]Level{"✗": No, "○": Partly, "◐": Partly, "●": Yes}[text]
		v.key = map[string]string{"✗": "none", "○": "sandbox", "◐": "incubating", "●": "graduated"}[text]
	case kindGrade:
		v.Level, known = map[string]Level{"○": No, "◐": Partly, "●": Yes}[text]
	case kindNumber:
		n, err := strconv.Atoi(text)
		v.Number, known = n, err == nil || text == "-"
		if err == nil {
			v.Level = Yes
		}
	case kindDate:
		day := strings.Split(text, "/")
		if known = len(day) == 3; known {
			v.Date, v.Level = day[2]+"-"+day[1]+"-"+day[0], Yes
			v.key = v.Date
		}
	case kindPlaces:
		v.Places, known = map[string][]string{"Per-Service": {"pod"}, "Per-Node": {"node"}, "In-Kernel": {"kernel"},
			"In Kernel": {"kernel"}}[text]
		v.Level, v.key = Yes, strings.Join(v.Places, ",")
	default:
		v.Level, known = textLevel(text), true
	}
	if !known {
		return v, fmt.Errorf("%q is none of the thesis' signs for such a cell", text)
	}
	if kind == kindMark || kind == kindGrade {
		v.key = v.Level.String()
	}
	return v, nil
}

// current reads a cell of today. Details follow the first word.
func current(kind columnKind, text string) (Value, error) {
	v := Value{Text: text, key: strings.ToLower(strings.TrimRight(text, "/"))}
	first, _, _ := strings.Cut(text, " ")
	first = strings.TrimRight(first, ",;:")
	var known bool
	want := ""
	switch kind {
	case kindMark:
		v.Level, known = map[string]Level{"yes": Yes, "partly": Partly, "no": No, "unknown": Unknown}[first]
		v.key, want = v.Level.String(), "yes, partly, no or unknown"
	case kindStage:
		v.Level, known = map[string]Level{"none": No, "archived": No, "sandbox": Partly, "incubating": Partly,
			"graduated": Yes}[first]
		v.key, want = first, "none, sandbox, incubating, graduated or archived"
	case kindGrade:
		v.Level, known = map[string]Level{"full": Yes, "partly": Partly, "not": No, "unknown": Unknown}[first]
		v.key, want = v.Level.String(), "full, partly, not or unknown"
	case kindNumber:
		n, err := strconv.Atoi(first)
		v.Number, v.Level, known, want = n, Yes, err == nil, "a number"
		v.key = first
	case kindDate:
		known, want = isDate(first), "YYYY-MM-DD"
		v.Date, v.Level, v.key = first, Yes, first
	case kindPlaces:
		v.Places, known = places(text)
		v.Level, v.key = Yes, strings.Join(v.Places, ",")
		want = "places such as 'per pod' or 'in kernel, per node', separated by commas"
	default:
		v.Level, known = textLevel(text), true
	}
	if !known {
		return v, fmt.Errorf("%q: want %s, then details", text, want)
	}
	return v, nil
}

// textLevel is whether a text names anything.
func textLevel(text string) Level {
	first, _, _ := strings.Cut(text, " ")
	switch strings.ToLower(strings.TrimRight(first, ",;:")) {
	case "-", "none", "no":
		return No
	case "unknown", "":
		return Unknown
	}
	return Yes
}

func places(text string) ([]string, bool) {
	names := map[string]string{"per pod": "pod", "per node": "node", "in kernel": "kernel", "waypoint": "waypoint",
		"in application": "application"}
	text, _, _ = strings.Cut(text, " (")
	var all []string
	for part := range strings.SplitSeq(text, ", ") {
		name, ok := names[part]
		if !ok {
			return nil, false
		}
		all = append(all, name)
	}
	slices.Sort(all)
	return all, true
}

func isDate(text string) bool {
	parts := strings.Split(text, "-")
	if len(parts) != 3 || len(text) != len("2006-01-02") {
		return false
	}
	for _, p := range parts {
		if _, err := strconv.Atoi(p); err != nil {
			return false
		}
	}
	return true
}

// same reports whether a value of today says what the thesis printed. A longer
// name of the same thing, such as Apache-2.0 for Apache, is the same.
func same(then, now Value) bool {
	if then.key == now.key {
		return true
	}
	if then.Text == "-" || then.key == "" {
		return then.Level == No && now.Level == No
	}
	rest, longer := strings.CutPrefix(now.key, then.key)
	return longer && (strings.HasPrefix(rest, "-") || strings.HasPrefix(rest, " (")) && then.Number == 0
}
