package mesh

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/version"
	"sigs.k8s.io/yaml"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// documented is where a setting comes from that no pod states.
const documented = "documented default"

// settingsOf reads the proxies' settings from the first pod of each side that
// has one.
func (m Mesh) settingsOf(pods []SeenPod) []v1alpha1.ProxySettings {
	var out []v1alpha1.ProxySettings
	for _, side := range []v1alpha1.Side{v1alpha1.SideClient, v1alpha1.SideServer} {
		i := slices.IndexFunc(pods, func(p SeenPod) bool {
			_, ok := m.proxyIn(p.Mesh)
			return p.Side == side && ok
		})
		if i < 0 {
			continue
		}
		name, _ := m.proxyIn(pods[i].Mesh)
		for _, c := range pods[i].Mesh.Containers {
			if c.Name == name {
				out = append(out, m.settings(side, c, pods[i].Mesh.Annotations))
			}
		}
	}
	return out
}

// NodeSettings reads the settings of proxies that run in pods of their own.
func (m Mesh) NodeSettings(in Installed) []v1alpha1.ProxySettings {
	var out []v1alpha1.ProxySettings
	for _, cost := range m.Costs {
		if cost.InPod() || cost.Part != v1alpha1.PartProxy {
			continue
		}
		for _, w := range in.Workloads {
			if w.Kind != cost.Kind || !fits(cost.Labels, w.Labels) {
				continue
			}
			for _, c := range w.Containers {
				if cost.Container == "" && !c.Init || c.Name == cost.Container {
					of := m
					if cost.Sides[0] == v1alpha1.SideWaypoint {
						of.Fairness = Fairness{} // what is known is of the node's proxy
					}
					s := of.settings(cost.Sides[0], c, nil)
					s.Container = w.Namespace + "/" + w.Name + "/" + c.Name
					out = append(out, s)
				}
			}
		}
	}
	return out
}

func (m Mesh) settings(side v1alpha1.Side, c v1alpha1.MeshContainer,
	annotations map[string]string) v1alpha1.ProxySettings {
	return v1alpha1.ProxySettings{
		Side: side, Container: c.Name, Native: c.Native,
		CPURequestCores: c.CPURequestCores, CPULimitCores: c.CPULimitCores,
		MemoryRequestBytes: c.MemoryRequestBytes, MemoryLimitBytes: c.MemoryLimitBytes,
		Threads:   m.Fairness.Threads.read(c, annotations),
		AccessLog: m.Fairness.AccessLog.read(c, annotations),
		Tracing:   m.Fairness.Tracing.read(c, annotations),
		Retries:   m.Fairness.Retries.read(c, annotations),
		Tunnel:    m.Fairness.Tunnel.read(c, annotations),
	}
}

// read finds a setting: what the pod says comes before what documents say.
func (s SettingSource) read(c v1alpha1.MeshContainer, annotations map[string]string) *v1alpha1.Setting {
	found := s.find(c, annotations)
	if found != nil && s.Words[found.Value] != "" {
		found.Value = s.Words[found.Value]
	}
	share := c.Settings[s.ShareEnv]
	if s.ShareEnv == "" || share == "" {
		return found
	}
	text := share + " of the node's cores"
	if found != nil {
		text += ", at least " + found.Value
	}
	return &v1alpha1.Setting{Value: text, From: "container " + c.Name + ", " + s.ShareEnv}
}

func (s SettingSource) find(c v1alpha1.MeshContainer, annotations map[string]string) *v1alpha1.Setting {
	if value, ok := annotations[s.Annotation]; ok && s.Annotation != "" {
		if s.Key == "" {
			return &v1alpha1.Setting{Value: value, From: "annotation " + s.Annotation}
		}
		if inner, ok := within(value, s.Key); ok {
			return &v1alpha1.Setting{Value: inner, From: fmt.Sprintf("annotation %s, %s", s.Annotation, s.Key)}
		}
	}
	for _, place := range []string{s.Arg, s.variable()} {
		if value, ok := c.Settings[place]; ok && place != "" {
			return &v1alpha1.Setting{Value: value, From: "container " + c.Name + ", " + place}
		}
	}
	if s.FromCPULimit && c.CPULimitCores != nil {
		return &v1alpha1.Setting{Value: strconv.Itoa(int(math.Ceil(*c.CPULimitCores))),
			From: "CPU limit of container " + c.Name}
	}
	if value := s.documentedFor(tagOf(c.Image)); value != "" {
		return &v1alpha1.Setting{Value: value, From: documented}
	}
	return nil
}

// documentedFor is the documented value for a version; all of them where the
// version cannot be told.
func (s SettingSource) documentedFor(tag string) string {
	if len(s.Before) == 0 {
		return s.Default
	}
	have, err := version.ParseGeneric(tag)
	var all []string
	for _, b := range s.Before {
		if changed, bad := version.ParseGeneric(b.Version); err == nil && bad == nil && have.LessThan(changed) {
			return b.Default
		}
		all = append(all, fmt.Sprintf("%s before %s", b.Default, b.Version))
	}
	if err != nil {
		return strings.Join(append(all, s.Default+" from then on"), ", ")
	}
	return s.Default
}

// within reads a key of an annotation that holds a YAML object.
func within(text, key string) (string, bool) {
	var tree map[string]any
	if err := yaml.Unmarshal([]byte(text), &tree); err != nil {
		return "", false
	}
	value, ok := tree[key]
	return fmt.Sprint(value), ok
}

// Documented are the settings that documents give a value for, in words.
func (f Fairness) Documented() []string {
	var all []string
	for _, s := range []struct {
		what string
		from SettingSource
	}{{"threads", f.Threads}, {"access log", f.AccessLog}, {"tracing", f.Tracing}, {"retries", f.Retries},
		{"tunnel", f.Tunnel}, {"requests and limits", f.Limits}} {
		if value := s.from.documentedFor(""); value != "" {
			all = append(all, s.what+": "+value)
		}
	}
	return all
}
