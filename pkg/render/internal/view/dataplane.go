package view

import (
	"fmt"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// meshText says in a few words which mesh an arm is in, whether requests went
// through it, and whether they were encrypted.
func meshText(a v1alpha1.Arm) []string {
	d := a.DataPlane
	if d == nil {
		if a.Mesh == "" {
			return nil
		}
		return []string{"mesh " + a.Mesh}
	}
	var parts []string
	switch {
	case d.Mesh != "":
		text := "mesh " + d.Mesh
		if len(d.Variants) > 0 {
			text += ", " + strings.Join(d.Variants, ", ")
		}
		if d.Confidence != v1alpha1.ConfidenceCertain {
			text += " (" + string(d.Confidence) + ")"
		}
		if v := versions(*d); v != "" {
			text += " " + v
		}
		parts = append(parts, text)
	case len(d.Candidates) > 0:
		parts = append(parts, "mesh ambiguous ("+strings.Join(d.Candidates, ", ")+")")
	case a.Role == v1alpha1.RoleMeshed:
		parts = append(parts, "mesh unknown")
	}
	parts = append(parts, fmt.Sprintf("path %s", d.Path))
	if d.Layer != "" {
		parts = append(parts, string(d.Layer))
	}
	return append(parts, fmt.Sprintf("mTLS %s", d.MTLS))
}

// versions are those of data and control plane, one if they are the same.
func versions(d v1alpha1.DataPlane) string {
	switch {
	case d.DataPlaneVersion == d.ControlPlaneVersion || d.ControlPlaneVersion == "":
		return d.DataPlaneVersion
	case d.DataPlaneVersion == "":
		return d.ControlPlaneVersion + " (control plane)"
	default:
		return fmt.Sprintf("%s (control plane %s)", d.DataPlaneVersion, d.ControlPlaneVersion)
	}
}

// MeshFacts are the evidence behind meshText, for those who want to judge it.
func MeshFacts(r v1alpha1.Report) []Fact {
	var all []Fact
	for _, a := range r.Arms {
		d := a.DataPlane
		if d == nil {
			continue
		}
		say := func(what string, evidence []string) {
			if len(evidence) > 0 {
				all = append(all,
					Fact{"evidence", term.Clean(fmt.Sprintf("%s: %s: %s", a.Name, what, strings.Join(distinct(evidence), "; ")))})
			}
		}
		say("mesh", d.Evidence)
		say("path "+string(d.Path), d.PathEvidence)
		say("mTLS "+string(d.MTLS), d.MTLSEvidence)
		for _, p := range d.Proxies {
			say(fmt.Sprintf("%s proxy %s", p.Side, p.Container), proxyText(p))
		}
		say("not readable", d.Unread)
		say("worth knowing", d.Notes)
	}
	return all
}

func distinct(texts []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, t := range texts {
		if !seen[t] {
			out = append(out, t)
		}
		seen[t] = true
	}
	return out
}

func proxyText(p v1alpha1.ProxySettings) []string {
	var parts []string
	if p.Native {
		parts = append(parts, "native sidecar")
	}
	cores := func(v *float64) string {
		if v == nil {
			return "none"
		}
		return fmt.Sprintf("%g cores", *v)
	}
	memory := func(v *int64) string {
		if v == nil {
			return "none"
		}
		return fmt.Sprintf("%g MiB", float64(*v)/(1<<20))
	}
	parts = append(parts,
		fmt.Sprintf("requests %s, %s", cores(p.CPURequestCores), memory(p.MemoryRequestBytes)),
		fmt.Sprintf("limits %s, %s", cores(p.CPULimitCores), memory(p.MemoryLimitBytes)))
	for _, s := range []struct {
		what    string
		setting *v1alpha1.Setting
	}{{"threads", p.Threads}, {"access log", p.AccessLog}, {"tracing", p.Tracing}, {"retries", p.Retries},
		{"tunnel", p.Tunnel}} {
		if s.setting != nil {
			parts = append(parts, fmt.Sprintf("%s %s (%s)", s.what, s.setting.Value, s.setting.From))
		}
	}
	return parts
}
