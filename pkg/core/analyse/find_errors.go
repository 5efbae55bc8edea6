package analyse

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

const (
	codeErrors   = "errors"
	codeBodySize = "body-size"

	// Latencies describe the requests that survived. With a tenth of them gone
	// the 90th percentile of what users saw is not known any more, and
	// throughput is that of another system: not compared.
	voidErrorShare = 0.1
)

// failedRequests finds requests that failed, except for wrong body sizes,
// which have a rule of their own.
func failedRequests(d *data) []v1alpha1.Finding {
	return errorsOf(d, "Find out why before believing the latencies, which describe the answered requests only.",
		func(class v1alpha1.ErrorClass) bool { return class != v1alpha1.ErrorBodySize })
}

// bodySize finds answers of another size than asked for. They mean that the
// arm serves another workload.
func bodySize(d *data) []v1alpha1.Finding {
	return errorsOf(d, "Look for something on the path that rewrites queries or bodies.",
		func(class v1alpha1.ErrorClass) bool { return class == v1alpha1.ErrorBodySize })
}

func errorsOf(d *data, advice string, counts func(v1alpha1.ErrorClass) bool) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, c := range d.cells {
		if c.disturbed() && c.failedBefore() == 0 {
			continue // they are what is measured
		}
		byClass, said := map[string]int64{}, map[string]string{}
		var failed, lost, all int64
		for _, r := range c.rounds {
			asked := c.asked(r.trial.Load)
			lost += r.trial.Load.Failed() - asked
			all += r.trial.Load.Requests + r.trial.Load.Failed()
			for _, e := range r.trial.Load.Errors {
				if e.Class == v1alpha1.ErrorFault { // of a kind, as the protocol is one
					e.Count -= asked
				}
				if counts(e.Class) && e.Count > 0 {
					name := nameOf(e)
					byClass[name] += e.Count
					said[name] = cmp.Or(said[name], toldBy(e.Answer))
					failed += e.Count
				}
			}
		}
		if failed == 0 {
			continue
		}
		if c.disturbed() {
			lost = c.failedBefore()
		}
		severity := v1alpha1.SeverityWarn
		if float64(lost) > voidErrorShare*float64(all) { // of all classes
			severity = v1alpha1.SeverityVoid
		}
		out = append(out,
			c.finding(severity, advice, "%d of %d requests failed (%s): %s", failed, all, percent(failed, all),
				classes(byClass, said)))
	}
	return out
}

func nameOf(e v1alpha1.ErrorCount) string { return strings.TrimSpace(string(e.Class) + " " + e.Detail) }

// toldBy is what a failed answer said: who, and why.
func toldBy(a *v1alpha1.FailedAnswer) string {
	if a == nil {
		return ""
	}
	all := slices.Clone(a.Headers)
	for _, text := range []string{a.Message, a.Body} {
		if text != "" {
			all = append(all, fmt.Sprintf("%q", text))
		}
	}
	return strings.Join(all, ", ")
}

// classes lists the most frequent classes of errors, with what the first answer
// of each said.
func classes(counts map[string]int64, said map[string]string) string {
	const shown = 5
	type entry struct {
		name  string
		count int64
	}
	var all []entry
	for name, count := range counts {
		all = append(all, entry{name, count})
	}
	slices.SortFunc(all, func(a, b entry) int {
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.name, b.name))
	})
	var list []string
	for i, e := range all {
		if i == shown {
			list = append(list, fmt.Sprintf("and %d more", len(all)-shown))
			break
		}
		text := fmt.Sprintf("%s %d", e.name, e.count)
		if why := said[e.name]; why != "" {
			text += " (" + why + ")"
		}
		list = append(list, text)
	}
	return strings.Join(list, ", ")
}
