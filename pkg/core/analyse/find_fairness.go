package analyse

import (
	"fmt"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

const (
	codeMTLSDiffers  = "mtls-differs"
	codeProxyDiffers = "proxy-settings-differ"
)

// mtlsDiffers finds meshed arms of which one encrypts and another does not.
func mtlsDiffers(d *data) []v1alpha1.Finding {
	var yes, no []string
	var evidence []string
	for _, a := range meshed(d) {
		switch a.DataPlane.MTLS {
		case v1alpha1.AnswerYes:
			yes = append(yes, a.Name)
		case v1alpha1.AnswerNo:
			no = append(no, a.Name)
		default:
			continue
		}
		evidence = append(evidence, a.Name+": "+sentences(a.DataPlane.MTLSEvidence))
	}
	if len(yes) == 0 || len(no) == 0 {
		return nil
	}
	return []v1alpha1.Finding{{
		Severity: v1alpha1.SeverityWarn,
		Evidence: fmt.Sprintf("mutual TLS is on in %s and off in %s (%s)", strings.Join(yes, ", "), strings.Join(no, ", "),
			strings.Join(evidence, ". ")),
		Advice: "Compare meshes with the same encryption, or state the difference with the figures.",
	}}
}

// proxyDiffers finds meshed arms whose proxies are set up differently than
// those of the first: limits, threads, logs and retries explain many results.
func proxyDiffers(d *data) []v1alpha1.Finding {
	arms := meshed(d)
	var out []v1alpha1.Finding
	for i := 1; i < len(arms); i++ {
		differences := settingsDiffer(arms[0], arms[i])
		if len(differences) == 0 {
			continue
		}
		out = append(out, v1alpha1.Finding{
			Severity: v1alpha1.SeverityWarn, Scope: v1alpha1.Scope{Arm: arms[i].Name},
			Evidence: fmt.Sprintf("its proxies are set up differently than those of %s: %s", arms[0].Name,
				strings.Join(differences, "; ")),
			Advice: "Give the proxies the same settings, or state the difference with the figures.",
		})
	}
	return out
}

// meshed are the meshed arms of which something was found out.
func meshed(d *data) []v1alpha1.Arm {
	var out []v1alpha1.Arm
	for _, a := range d.report.Arms {
		if a.Role == v1alpha1.RoleMeshed && a.DataPlane != nil {
			out = append(out, a)
		}
	}
	return out
}

func settingsDiffer(a, b v1alpha1.Arm) []string {
	var out []string
	for _, x := range a.DataPlane.Proxies {
		for _, y := range b.DataPlane.Proxies {
			if x.Side != y.Side {
				continue
			}
			compare := func(what, mine, other string) {
				if mine != other && mine != "" && other != "" {
					out = append(out, fmt.Sprintf("%s %s: %s instead of %s", y.Side, what, other, mine))
				}
			}
			compare("CPU limit", coresText(x.CPULimitCores), coresText(y.CPULimitCores))
			compare("memory limit", bytesText(x.MemoryLimitBytes), bytesText(y.MemoryLimitBytes))
			compare("threads", settingText(x.Threads), settingText(y.Threads))
			compare("access log", settingText(x.AccessLog), settingText(y.AccessLog))
			compare("tracing", settingText(x.Tracing), settingText(y.Tracing))
			compare("tunnel", settingText(x.Tunnel), settingText(y.Tunnel))
			compare("retries", settingText(x.Retries), settingText(y.Retries))
		}
	}
	return out
}

func coresText(v *float64) string {
	if v == nil {
		return "none"
	}
	return fmt.Sprintf("%g cores", *v)
}

func bytesText(v *int64) string {
	if v == nil {
		return "none"
	}
	return fmt.Sprintf("%g MiB", float64(*v)/(1<<20))
}

// settingText is empty where the setting is not known: that is no difference.
func settingText(s *v1alpha1.Setting) string {
	if s == nil {
		return ""
	}
	return s.Value
}
