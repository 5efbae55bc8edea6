package analyse

import (
	"fmt"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

const codeSource = "source-not-read"

// sourceNotRead names the sources of CPU and memory that gave nothing, each with
// the first reason: figures of another one stand in their place, or none.
func sourceNotRead(d *data) []v1alpha1.Finding {
	type loss struct {
		trials int
		reason string
	}
	lost := map[v1alpha1.SourceName]*loss{}
	var names []v1alpha1.SourceName
	trials := 0
	for _, c := range d.loaded() {
		for _, r := range c.rounds {
			if r.trial.Resources == nil {
				continue
			}
			trials++
			for _, s := range r.trial.Resources.Sources {
				if s.Missing == "" {
					continue
				}
				if lost[s.Name] == nil {
					lost[s.Name] = &loss{reason: s.Missing}
					names = append(names, s.Name)
				}
				lost[s.Name].trials++
			}
		}
	}
	var texts []string
	for _, name := range names {
		l := lost[name]
		where := ""
		if l.trials < trials {
			where = fmt.Sprintf(" in %d of %d trials", l.trials, trials)
		}
		texts = append(texts, fmt.Sprintf("%s%s: %s", name, where, l.reason))
	}
	if len(texts) == 0 {
		return nil
	}
	return []v1alpha1.Finding{{
		Severity: v1alpha1.SeverityInfo,
		Evidence: "some sources of CPU and memory could not be read: " + strings.Join(texts, "; "),
		Advice: "Figures are those of the other sources, which may see less: `kubectl meshbench check` names " +
			"the permission.",
	}}
}
