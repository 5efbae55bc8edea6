package survey

import "strings"

// Requirement is one of the thesis' (section 3.4.2), with its rule.
type Requirement struct {
	ID, Title string
	// Rule is the thesis' rule in a sentence.
	Rule string
	// judge is nil where no table holds what the rule needs.
	judge func(cells) (Level, string)
}

// cells look one system's cells up, as of one time.
type cells func(table, column string) Value

// Requirements are FR1 to FR4 and NFR1 to NFR5.
func Requirements() []Requirement {
	return []Requirement{
		{"FR1", "observability", "full with metrics, monitoring and tracing; partly with some of them. " +
			"A dashboard is compared, but the thesis grades systems without one as full.",
			func(c cells) (Level, string) { return all(c, "observability", "metrics", "monitoring", "tracing") }},
		{"FR2", "security", "full with mutual TLS, authorization and an external CA; partly with some of them.",
			func(c cells) (Level, string) { return all(c, "security", "mtls", "authorization", "ca") }},
		{"FR3", "resilience", "full with all six of retry, timeout, rate limit, circuit breaker, fault and delay; " +
			"partly with some of them.",
			func(c cells) (Level, string) {
				return all(c, "resilience", "retry", "timeout", "ratelimit", "breaker", "fault", "delay")
			}},
		{"FR4", "deployment models", "whether more than one cluster or mesh is supported. No table shows it.", nil},
		{"NFR1", "protocols", "full with HTTP/1.1, HTTP/2, WebSocket, gRPC and TLS, and an additional protocol; " +
			"partly with some of them. HTTP/3 is compared, but not common.", protocols},
		{"NFR2", "open source", "full if the source is open, partly if parts of it are.",
			func(c cells) (Level, string) { return one(c, "nonfunctional", "oss") }},
		{"NFR3", "documentation", "by reading the vendor's documentation. No table shows it.", nil},
		{"NFR4", "CNCF", "full if graduated, partly if sandbox or incubating.",
			func(c cells) (Level, string) { return one(c, "nonfunctional", "cncf") }},
		{"NFR5", "community", "full with more than 20,000 stars, partly with more than 10,000. The thesis also takes " +
			"production use of more than 25 % and 10 % in the CNCF's survey of 2021, which stands in no table.", stars},
	}
}

// all is full if every property is met, not if none is.
func all(c cells, table string, columns ...string) (Level, string) {
	var missing, open []string
	met, known := 0, 0
	for _, column := range columns {
		switch level := c(table, column).Level; level {
		case Yes:
			met, known = met+1, known+1
		case Partly:
			missing, known = append(missing, column+" partly"), known+1
			met++ // some of it is there
		case No:
			missing, known = append(missing, "no "+column), known+1
		default:
			open = append(open, column)
		}
	}
	switch {
	case len(missing) > 0 && met > 0:
		return Partly, strings.Join(missing, ", ")
	case len(open) > 0:
		return Unknown, "not known: " + strings.Join(open, ", ")
	case met == 0:
		return No, "none of them"
	}
	return Yes, "all of them"
}

func protocols(c cells) (Level, string) {
	common, why := all(c, "protocols", "http1", "http2", "websocket", "grpc", "tls")
	additional := c("protocols", "additional")
	switch {
	case common == No:
		return No, why
	case common == Partly:
		return Partly, why
	case additional.Level == No:
		return Partly, "no additional protocol"
	case common == Unknown:
		return Unknown, why
	case additional.Level == Unknown:
		return Unknown, "not known: additional"
	}
	return Yes, "and " + additional.Text
}

func one(c cells, table, column string) (Level, string) {
	v := c(table, column)
	if v.Level == Unknown {
		return Unknown, "not known: " + column
	}
	return v.Level, column + ": " + v.Text
}

func stars(c cells) (Level, string) {
	const some, many = 10_000, 20_000
	v := c("nonfunctional", "stars")
	switch {
	case v.Text == "-":
		return No, "no repository to count stars of"
	case v.Level == Unknown:
		return Unknown, "not known: stars"
	case v.Number > many:
		return Yes, v.Text + " stars"
	case v.Number > some:
		return Partly, v.Text + " stars; production use is in no table"
	}
	return No, v.Text + " stars; production use is in no table"
}

// Era is the time that tables are asked for.
type Era int

// The eras.
const (
	// Today is what the sources say that were read last.
	Today Era = iota
	// In2022 is what the thesis printed.
	In2022
)

// at gives the cells of an era. What was not checked since 2022 is unknown
// today: a rule never takes a value of 2022 for one of today.
func (s System) at(era Era) cells {
	return func(table, column string) Value {
		e := s.entries[table][column]
		switch {
		case era == In2022 && e.Then != nil:
			return *e.Then
		case era == Today && e.Now != nil:
			return *e.Now
		}
		return Value{}
	}
}

// Judgement is a requirement as the thesis' rule decides it.
type Judgement struct {
	Requirement string
	Level       Level
	Why         string
	// Printed is table 3.10's own answer, nil where the thesis has none.
	Printed *Value
	// ByRule is false where no rule decides, so that the answer is read.
	ByRule bool
}

// Judge decides every requirement of a system as of an era.
func (s System) Judge(era Era) []Judgement {
	var judged []Judgement
	for _, r := range Requirements() {
		e := s.entries["requirements"][r.ID]
		j := Judgement{Requirement: r.ID, Printed: e.Then, ByRule: r.judge != nil}
		if r.judge != nil {
			j.Level, j.Why = r.judge(s.at(era))
		} else {
			j.Level = s.at(era)("requirements", r.ID).Level
			if j.Level == Unknown {
				j.Why = "not judged again"
			}
		}
		judged = append(judged, j)
	}
	return judged
}

// Grade is a level as a requirement's answer.
func Grade(l Level) string { return [...]string{"unknown", "not", "partly", "full"}[l] }
