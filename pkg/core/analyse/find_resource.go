package analyse

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/resource"
)

const (
	codeCPULimit     = "cpu-limit"
	codeNode         = "node-saturated"
	codePressure     = "cpu-pressure"
	codeSteal        = "steal"
	codeHidden       = "resources-hidden"
	codeClock        = "clock-offset"
	codeOtherTenants = "other-tenants"

	// In half of the time, some task waited for a processor.
	pressureRatio = 0.5
	// Above this share of its processors a node's hypervisor took what our
	// figures lack.
	stealShare = 0.02
	// Windows are compared across nodes by their clocks. An offset is known to
	// the time that a line of a log takes.
	clockSeconds = 0.5
	// Above this share of a node, what others do is in our latencies.
	tenantShare = 0.05
)

// cpuLimit finds proxies and targets at the CPU limit of their container, and
// proxies with a thread that has no time left: the figures are those of a limit.
func cpuLimit(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, c := range d.loaded() {
		for _, place := range []struct {
			side v1alpha1.Side
			part v1alpha1.Part
		}{
			{v1alpha1.SideClient, v1alpha1.PartProxy}, {v1alpha1.SideServer, v1alpha1.PartProxy},
			{v1alpha1.SideServer, v1alpha1.PartApplication},
			{v1alpha1.SideNode, v1alpha1.PartProxy}, {v1alpha1.SideWaypoint, v1alpha1.PartProxy},
		} {
			for _, l := range c.averaged(place.side, place.part) {
				evidence := ""
				switch {
				case l.usage.CPULimitCores != nil && l.share >= saturated:
					evidence = fmt.Sprintf("used %.0f %% of its limit of %.3g CPUs", l.share*100, l.limit)
				case l.usage.Part == v1alpha1.PartProxy && l.thread >= saturated:
					evidence = fmt.Sprintf("used %.2f cores in its busiest thread, which cannot use more than one", l.thread)
				default:
					continue
				}
				out = append(out, c.finding(v1alpha1.SeverityWarn,
					"Raise the limit, or the number of threads, or report these figures together with it: they "+
						"describe the limit as much as the mesh.",
					"container %s of the %s side %s", l.name(), l.usage.Side, evidence))
			}
		}
	}
	return out
}

// throttledContainers finds proxies and targets that the kernel stopped for
// their CPU limit. That of load pods is told of by their own count. Proxies that
// pods share stand on the nodes of every arm, and in the way of some: those of
// others delay nobody here.
func throttledContainers(c *cell) []v1alpha1.Finding {
	type count struct{ stopped, periods int64 }
	counts := map[string]*count{}
	for _, r := range c.rounds {
		containers, _ := resource.Best(r.trial.Resources)
		for _, u := range containers {
			own := u.Side == v1alpha1.SideClient && u.Part == v1alpha1.PartApplication
			if own || u.Part != v1alpha1.PartProxy && u.Part != v1alpha1.PartApplication || u.ThrottledPeriods == nil ||
				u.Periods == nil || aside(c.arm, u.Side) {
				continue
			}
			name := fmt.Sprintf("container %s of the %s side", u.Container, u.Side)
			if counts[name] == nil {
				counts[name] = &count{}
			}
			counts[name].stopped += *u.ThrottledPeriods
			counts[name].periods += *u.Periods
		}
	}
	var out []v1alpha1.Finding
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		if n := counts[name]; n.periods > 0 && float64(n.stopped) > throttledShare*float64(n.periods) {
			out = append(out, c.finding(v1alpha1.SeverityWarn,
				"Raise or remove its CPU limit: its pauses are in every latency.",
				"%s was throttled in %d of %d scheduling periods (%s)", name, n.stopped, n.periods, percent(n.stopped, n.periods)))
		}
	}
	return out
}

// hidden finds containers of our own pods, and proxies that pods share, that no
// source could see: the mesh's cost lacks them.
func hidden(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, a := range d.report.Arms {
		reasons := map[string]string{}
		for _, c := range d.loaded() {
			if c.arm.Name != a.Name {
				continue
			}
			for _, r := range c.rounds {
				containers, nodes := resource.Best(r.trial.Resources)
				for _, u := range containers {
					switch {
					case u.CPUSeconds != nil:
					case u.Side == v1alpha1.SideClient, u.Side == v1alpha1.SideServer:
						reasons[fmt.Sprintf("container %s of the %s side", u.Container, u.Side)] = u.Missing
					case u.Part == v1alpha1.PartProxy && onTheWay(a, u.Side):
						reasons[fmt.Sprintf("%s proxy %s", u.Side, u.Pod)] = u.Missing
					}
				}
				for _, n := range nodes {
					if n.CPUSeconds == nil {
						reasons["node "+n.Node] = n.Missing
					}
				}
			}
		}
		if len(reasons) == 0 {
			continue
		}
		var texts []string
		for _, what := range slices.Sorted(maps.Keys(reasons)) {
			texts = append(texts, fmt.Sprintf("%s: %s", what, cmp.Or(reasons[what], "no reason given")))
		}
		out = append(out, v1alpha1.Finding{
			Severity: v1alpha1.SeverityWarn, Scope: v1alpha1.Scope{Arm: a.Name},
			Evidence: "some use of resources was not measured: " + strings.Join(texts, "; "),
			Advice: "Costs that need these figures are missing, not zero. Windows of a few seconds and more, or a " +
				"source such as the kubelet's cAdvisor, may help.",
		})
	}
	return out
}

// onTheWay reports whether an arm's requests pass the mesh's pods of that side: a
// cluster may have waypoints that are of no concern to it.
func onTheWay(a v1alpha1.Arm, side v1alpha1.Side) bool {
	if a.Role != v1alpha1.RoleMeshed || a.DataPlane == nil {
		return false
	}
	return side == v1alpha1.SideNode || side == v1alpha1.SideWaypoint && a.DataPlane.Layer == v1alpha1.LayerRequests
}

// aside reports whether a proxy of that side, which pods share, is surely on no way
// of an arm's requests: it stands on the nodes, and serves others.
func aside(a v1alpha1.Arm, side v1alpha1.Side) bool {
	switch {
	case !oneOf(side, v1alpha1.SideNode, v1alpha1.SideWaypoint):
		return false
	case a.Role != v1alpha1.RoleMeshed:
		return true
	}
	return side == v1alpha1.SideWaypoint && a.DataPlane != nil && a.DataPlane.Layer == v1alpha1.LayerConnections
}

// clockOffset finds nodes whose clocks differ by more than windows can bear.
func clockOffset(d *data) []v1alpha1.Finding {
	offsets := map[string]float64{}
	for _, c := range d.loaded() {
		for _, r := range c.rounds {
			_, nodes := resource.Best(r.trial.Resources)
			for _, n := range nodes {
				if n.ClockOffsetSeconds == nil {
					continue
				}
				if have, ok := offsets[n.Node]; !ok || *n.ClockOffsetSeconds > have {
					offsets[n.Node] = *n.ClockOffsetSeconds // the frame that took least
				}
			}
		}
	}
	names := slices.Sorted(maps.Keys(offsets))
	var out []v1alpha1.Finding
	for i, a := range names {
		for _, b := range names[i+1:] {
			if apart := offsets[b] - offsets[a]; math.Abs(apart) >= clockSeconds {
				out = append(out, v1alpha1.Finding{
					Severity: v1alpha1.SeverityWarn,
					Evidence: fmt.Sprintf("the clock of node %s is %+.2f s off that of node %s", b, apart, a),
					Advice: "Let the nodes keep time. Windows were shifted by that much; other figures by a clock, such as " +
						"those of monitoring, were not.",
				})
			}
		}
	}
	return out
}
