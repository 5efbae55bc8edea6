package view

import (
	"maps"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// podsOf says what the pods of a run carried beside what every run gives them.
func podsOf(p *v1alpha1.Pods) string {
	var parts []string
	add := func(what string, of []string) {
		if len(of) > 0 {
			parts = append(parts, what+" "+strings.Join(of, ", "))
		}
	}
	add("labels", pairsOf(p.Labels))
	add("annotations", pairsOf(p.Annotations))
	for _, arm := range slices.Sorted(maps.Keys(p.Arms)) {
		own := append(pairsOf(p.Arms[arm].Labels), pairsOf(p.Arms[arm].Annotations)...)
		add("only in arm "+arm, own)
	}
	var tolerations []string
	for _, t := range p.Tolerations {
		text := t.Key
		if t.Value != "" {
			text += "=" + t.Value
		}
		if t.Effect != "" {
			text += ":" + t.Effect
		}
		tolerations = append(tolerations, text)
	}
	add("tolerate", tolerations)
	add("nodes with", pairsOf(p.NodeSelector))
	for _, one := range []struct{ what, name string }{{"priority class", p.PriorityClassName},
		{"runtime class", p.RuntimeClassName}, {"service account", p.ServiceAccountName}} {
		if one.name != "" {
			add(one.what, []string{one.name})
		}
	}
	add("pull secrets", p.ImagePullSecrets)
	if p.EphemeralStorage != nil {
		add("ephemeral storage", []string{p.EphemeralStorage.String()})
	}
	var extended []string
	for _, name := range slices.Sorted(maps.Keys(p.Resources)) {
		q := p.Resources[name]
		extended = append(extended, q.String()+" "+name)
	}
	add("resources", extended)
	return strings.Join(parts, "; ")
}

func pairsOf(m map[string]string) []string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(m)) {
		all = append(all, key+"="+m[key])
	}
	return all
}
