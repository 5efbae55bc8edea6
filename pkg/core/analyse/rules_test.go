package analyse_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/analyse"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

func complete(t *testing.T, o fixture.Options, edit func(*v1alpha1.Report)) v1alpha1.Report {
	t.Helper()
	r, levels := fixture.Report(o)
	if edit != nil {
		edit(&r)
	}
	done, err := analyse.Complete(analyse.Input{Report: r, Levels: levels})
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func codes(r v1alpha1.Report) []string {
	var all []string
	for _, f := range r.Findings {
		if !slices.Contains(all, f.Code) {
			all = append(all, f.Code)
		}
	}
	return all
}

// onArm edits the trials of one arm.
func onArm(name string, edit func(*v1alpha1.Trial)) func(*v1alpha1.Trial) {
	return func(t *v1alpha1.Trial) {
		if t.Arm == name {
			edit(t)
		}
	}
}

// containers edits what the containers of that name used.
func containers(name string, edit func(*v1alpha1.ContainerUsage)) func(*v1alpha1.Trial) {
	return func(t *v1alpha1.Trial) {
		for i := range t.Resources.Containers {
			if t.Resources.Containers[i].Container == name {
				edit(&t.Resources.Containers[i])
			}
		}
	}
}

func nodes(edit func(*v1alpha1.NodeUsage)) func(*v1alpha1.Trial) {
	return func(t *v1alpha1.Trial) {
		for i := range t.Resources.Nodes {
			edit(&t.Resources.Nodes[i])
		}
	}
}

// A throttled target or proxy is told of as a throttled generator is.
func TestThrottledContainersAreNamed(t *testing.T) {
	r := complete(t, fixture.Options{Edit: containers("istio-proxy", func(c *v1alpha1.ContainerUsage) {
		stopped, periods := int64(5), int64(100)
		c.ThrottledPeriods, c.Periods = &stopped, &periods
	})}, nil)
	for _, f := range r.Findings {
		if f.Code == "throttled" &&
			strings.Contains(f.Evidence, "istio-proxy of the server side was throttled in 30 of 600") {
			return
		}
	}
	t.Errorf("findings are %+v, want one of the throttled proxy", r.Findings)
}

// Proxies of nodes are on the nodes of every arm, and in the way of the meshed one.
func TestThrottledProxiesOfNodesAreThoseOnTheWay(t *testing.T) {
	throttled := func(t *v1alpha1.Trial) {
		stopped, periods := int64(50), int64(100)
		t.Resources.Containers = append(t.Resources.Containers, v1alpha1.ContainerUsage{
			Namespace: "mesh-system", Pod: "proxy-1", Container: "node-proxy", Node: "node-1",
			Side: v1alpha1.SideNode, Part: v1alpha1.PartProxy, Source: v1alpha1.SourceCAdvisor,
			ThrottledPeriods: &stopped, Periods: &periods})
	}
	var arms []string
	for _, f := range complete(t, fixture.Options{Edit: throttled}, nil).Findings {
		if f.Code == "throttled" {
			arms = append(arms, f.Arm)
		}
	}
	if !slices.Equal(arms, []string{"meshy"}) {
		t.Errorf("arms %v have a throttled proxy in their way, want meshy", arms)
	}
}

func at(arm string, slow map[int]float64) func(string, v1alpha1.Level, int) time.Duration {
	return func(a string, _ v1alpha1.Level, round int) time.Duration {
		d := float64(time.Millisecond)
		if a != "plain" {
			d *= 1.5
		}
		if f, ok := slow[round]; ok && a == arm {
			d *= f
		}
		return time.Duration(d)
	}
}

func openExperiment() v1alpha1.Experiment {
	e := fixture.Named("exp2", 6)
	e.Spec.Factors.Rate = v1alpha1.Values[v1alpha1.Rate]{1000}
	return e
}

func later(t *v1alpha1.Trial, by time.Duration) {
	t.Window.StartedAt, t.Window.EndedAt = t.Window.StartedAt.Add(by), t.Window.EndedAt.Add(by)
}

// Every finding has a run that must raise it; the clean run must not.
func TestEveryRuleFindsWhatItIsFor(t *testing.T) {
	repeated := func(r *v1alpha1.Report) {
		void := r.Trials[0]
		void.Status, void.Reason, void.Load, void.Window = v1alpha1.TrialVoid, "the pod was evicted", nil, nil
		again := r.Trials[0]
		again.Attempt, again.ID = 2, "again"
		r.Trials = append(append([]v1alpha1.Trial{void}, r.Trials[1:]...), again)
	}
	tests := map[string]struct {
		options  fixture.Options
		edit     func(*v1alpha1.Report)
		severity v1alpha1.Severity
		says     string
	}{
		"baseline-meshed": {edit: func(r *v1alpha1.Report) {
			r.Arms[0].Target.Containers = append(r.Arms[0].Target.Containers,
				v1alpha1.Container{Name: "stray-proxy", Injected: true})
			r.Arms[0].DataPlane.OwnContainers = []string{"stray-proxy"}
		}, severity: v1alpha1.SeverityVoid, says: "stray-proxy"},
		"impossible-figures": {options: fixture.Options{Edit: onArm("meshy", func(t *v1alpha1.Trial) {
			if t.Round == 2 {
				t.Load.Requests += 7
			}
		})}, severity: v1alpha1.SeverityVoid, says: "2000 service times of 2007 requests"},
		"baseline-path-unknown": {edit: func(r *v1alpha1.Report) {
			r.Arms[0].DataPlane.Path = v1alpha1.PathUnknown
			r.Arms[0].DataPlane.PathEvidence = []string{"3 of 3 probes had request header x-request-id"}
		}, severity: v1alpha1.SeverityWarn, says: "x-request-id"},
		"trial-off-path": {edit: func(r *v1alpha1.Report) {
			r.Trials[1].Status, r.Trials[1].Reason, r.Trials[1].OffPath = v1alpha1.TrialVoid, "went around the proxy", true
		}, severity: v1alpha1.SeverityWarn, says: "went around the proxy"},
		"containers-injected": {edit: func(r *v1alpha1.Report) {
			r.Arms[0].Target.Containers = append(r.Arms[0].Target.Containers,
				v1alpha1.Container{Name: "log-shipper", Injected: true})
		}, severity: v1alpha1.SeverityWarn, says: "log-shipper in arm plain"},
		"mesh-not-in-path": {edit: func(r *v1alpha1.Report) {
			r.Arms[1].DataPlane.Path, r.Arms[1].DataPlane.PathEvidence = v1alpha1.PathNone, []string{"none of 7 pods carries it"}
		}, severity: v1alpha1.SeverityVoid, says: "none of 7 pods"},
		"mesh-on-one-side": {edit: func(r *v1alpha1.Report) { r.Arms[1].DataPlane.Path = v1alpha1.PathServerSide },
			severity: v1alpha1.SeverityWarn, says: "one side"},
		"mesh-path-unknown": {edit: func(r *v1alpha1.Report) { r.Arms[1].DataPlane.Path = v1alpha1.PathUnknown },
			severity: v1alpha1.SeverityWarn, says: "cannot be told"},
		"mesh-ambiguous": {edit: func(r *v1alpha1.Report) {
			r.Arms[1].DataPlane.Confidence, r.Arms[1].DataPlane.Candidates = v1alpha1.ConfidenceAmbiguous,
				[]string{"istio-sidecar", "linkerd"}
		}, severity: v1alpha1.SeverityWarn, says: "istio-sidecar, linkerd"},
		"waypoint-not-met": {edit: func(r *v1alpha1.Report) {
			r.Arms[1].DataPlane.WaypointAsked, r.Arms[1].DataPlane.Layer = true, v1alpha1.LayerConnections
		}, severity: v1alpha1.SeverityWarn, says: "asks for a waypoint"},
		"impostor": {options: fixture.Options{Edit: onArm("meshy", func(t *v1alpha1.Trial) {
			t.Received = &v1alpha1.ReceivedCount{Sent: 31238, Received: 15619}
		})}, severity: v1alpha1.SeverityVoid, says: "the target received 15619 of them"},
		"strangers": {options: fixture.Options{Edit: onArm("plain", func(t *v1alpha1.Trial) {
			strangers := int64(500)
			t.Received.Strangers = &strangers
		})}, severity: v1alpha1.SeverityVoid, says: "served 500 requests of others"},
		"chain-broken": {options: chained(1000, 3000, 1200, 1200), severity: v1alpha1.SeverityVoid,
			says: "hop 1 was to make 3000 calls and made 3000, and hop 2 received 1200 (round 1)"},
		"replicas-uneven": {options: fixture.Options{Edit: onArm("meshy", func(t *v1alpha1.Trial) {
			t.Received.Replicas = []v1alpha1.ReplicaCount{{Pod: "target", Received: t.Received.Received}, {Pod: "target-1"}}
		})}, severity: v1alpha1.SeverityWarn, says: "100 % went to one of 2 targets (round 1): 100 %, 0 %"},
		"mesh-retries": {options: fixture.Options{Edit: onArm("meshy", func(t *v1alpha1.Trial) {
			t.Received = &v1alpha1.ReceivedCount{Sent: 31238, Received: 43733}
		})}, severity: v1alpha1.SeverityWarn, says: "(x1.40)"},
		"mtls-differs": {options: fixture.Options{Arms: []string{"plain", "meshy", "other"}}, edit: func(r *v1alpha1.Report) {
			r.Arms[2].DataPlane.MTLS = v1alpha1.AnswerNo
		}, severity: v1alpha1.SeverityWarn, says: "on in meshy and off in other"},
		"proxy-settings-differ": {options: fixture.Options{Arms: []string{"plain", "meshy", "other"}},
			edit: func(r *v1alpha1.Report) {
				r.Arms[2].DataPlane.Proxies[0].CPULimitCores = nil
				r.Arms[2].DataPlane.Proxies[0].Threads.Value = "1"
			}, severity: v1alpha1.SeverityWarn,
			says: "server CPU limit: none instead of 2 cores; server threads: 1 instead of 2"},
		"no-data": {edit: func(r *v1alpha1.Report) {
			r.Trials = slices.DeleteFunc(r.Trials, func(t v1alpha1.Trial) bool { return t.Arm == "meshy" })
		}, severity: v1alpha1.SeverityVoid, says: "no trial"},
		"resolution-differs": {edit: func(r *v1alpha1.Report) { r.Trials[3].Load.ServiceTime.Data = "AAAA" },
			severity: v1alpha1.SeverityVoid, says: "histogram"},
		"identical-histograms": {edit: func(r *v1alpha1.Report) {
			r.Trials[2].Load.ServiceTime = r.Trials[0].Load.ServiceTime
		}, severity: v1alpha1.SeverityVoid, says: "identical"},
		"errors": {options: fixture.Options{Edit: onArm("meshy", func(t *v1alpha1.Trial) {
			t.Load.Errors = []v1alpha1.ErrorCount{{Class: v1alpha1.ErrorStatus, Detail: "503", Count: 3,
				Answer: &v1alpha1.FailedAnswer{Headers: []string{"server: envoy"}, Body: "overflow"}}}
		})}, severity: v1alpha1.SeverityWarn, says: `http-status 503 18 (server: envoy, "overflow")`},
		"fault-share": {options: fixture.Options{Experiment: failing(0.1), Edit: onArm("meshy", func(t *v1alpha1.Trial) {
			fixture.Fail(t, 0.1, 0)
			*t.Received.Faults = 3
		})}, severity: v1alpha1.SeverityVoid, says: "and was to fail 10 %"},
		"retries-without-budget": {options: fixture.Options{Experiment: failing(0.5), Edit: onArm("meshy",
			func(t *v1alpha1.Trial) { fixture.Fail(t, 0.5, 2) })}, severity: v1alpha1.SeverityWarn,
			says: "received x1.75 of the"},
		"body-size": {options: fixture.Options{Edit: onArm("meshy", func(t *v1alpha1.Trial) {
			t.Load.Errors = []v1alpha1.ErrorCount{{Class: v1alpha1.ErrorBodySize, Detail: "5 bytes", Count: 1000}}
		})}, severity: v1alpha1.SeverityVoid, says: "body-size 5 bytes"},
		"overloaded": {options: fixture.Options{Experiment: openExperiment(), Edit: onArm("meshy", func(t *v1alpha1.Trial) {
			t.Load.Unsent = 20
		})}, severity: v1alpha1.SeverityWarn, says: "120 requests were due but not sent"},
		"client-cpu-limit": {options: fixture.Options{Edit: onArm("plain", func(t *v1alpha1.Trial) {
			used := 1.99 * t.Window.Seconds
			t.Clients[0].CPUSeconds = &used
		})}, severity: v1alpha1.SeverityWarn, says: "6 of 6 rounds"},
		"throttled": {options: fixture.Options{Edit: onArm("plain", func(t *v1alpha1.Trial) {
			n := int64(30)
			t.Clients[0].ThrottledPeriods = &n
		})}, severity: v1alpha1.SeverityWarn, says: "30 %"},
		"faster-than-baseline": {options: fixture.Options{Latency: func(arm string, _ v1alpha1.Level, _ int) time.Duration {
			return map[string]time.Duration{"plain": time.Millisecond, "meshy": 500 * time.Microsecond}[arm]
		}}, severity: v1alpha1.SeverityWarn, says: "x the baseline"},
		"clusters-differ": {edit: func(r *v1alpha1.Report) {
			r.Arms[1].Context = "other"
		}, severity: v1alpha1.SeverityWarn, says: "plain in staging, meshy in other"},
		"placement": {options: fixture.Options{Edit: onArm("meshy",
			func(t *v1alpha1.Trial) { t.Pods[0].Node = "node-3" })}, severity: v1alpha1.SeverityWarn, says: "node-3"},
		"qos-differs": {edit: func(r *v1alpha1.Report) { r.Arms[1].Target.QOS = "BestEffort" },
			severity: v1alpha1.SeverityWarn, says: "BestEffort"},
		"image-changed": {options: fixture.Options{Edit: onArm("meshy",
			func(t *v1alpha1.Trial) { t.Pods[0].Containers[0].ImageID = "sha256:9" })}, severity: v1alpha1.SeverityWarn,
			says: "2 different contents"},
		"restarts": {edit: func(r *v1alpha1.Report) { r.Arms[1].Target.Containers[1].Restarts = 2 },
			severity: v1alpha1.SeverityWarn, says: "istio-proxy"},
		"target-replaced": {edit: func(r *v1alpha1.Report) {
			r.Arms[1].Replaced = []v1alpha1.Replacement{{Node: "node-9", Reason: "the pod ended: Evicted: low on memory"}}
		}, severity: v1alpha1.SeverityWarn, says: "Evicted: low on memory, and the next one runs on"},
		"service-changed": {edit: func(r *v1alpha1.Report) {
			r.Arms[1].Service = &v1alpha1.ServiceState{Name: "web", Changes: []v1alpha1.ServiceChange{{What: "pod web-2 came"}}}
		}, severity: v1alpha1.SeverityWarn, says: "Service web changed during the run"},
		"safety-stop": {edit: func(r *v1alpha1.Report) {
			last := &r.Trials[len(r.Trials)-1]
			last.Status, last.Reason = v1alpha1.TrialVoid, "load stopped itself: 100 % of requests failed"
			last.Stopped = &v1alpha1.SafetyStop{Rule: v1alpha1.StopErrors, Value: 1, Limit: 0.05}
		}, severity: v1alpha1.SeverityVoid, says: "load stopped itself: 100 %"},
		"own-container-changed": {edit: func(r *v1alpha1.Report) {
			r.Arms[1].Target.Changed = []v1alpha1.Change{{Field: "requests.cpu", Asked: "250m", Given: "500m"}}
		}, severity: v1alpha1.SeverityWarn,
			says: "in arm plain nothing; in arm meshy requests.cpu of target pods became 500m"},
		"reconnects": {options: fixture.Options{Edit: onArm("meshy", func(t *v1alpha1.Trial) { t.Load.Sockets = 500 })},
			severity: v1alpha1.SeverityWarn, says: "500 sockets"},
		"sockets-in-window": {options: fixture.Options{Edit: onArm("meshy", func(t *v1alpha1.Trial) {
			n := t.Load.Requests / 50
			t.Load.WindowSockets = &n
		})}, severity: v1alpha1.SeverityWarn, says: "sockets were opened for"},
		"ip-families": {options: fixture.Options{Edit: func(t *v1alpha1.Trial) {
			t.Load.Peers = []v1alpha1.Peer{{Address: "10.0.0.1", Family: v1alpha1.FamilyIPv4}}
			if t.Arm == "meshy" {
				t.Load.Peers[0] = v1alpha1.Peer{Address: "fd00::1", Family: v1alpha1.FamilyIPv6}
			}
		}}, severity: v1alpha1.SeverityWarn, says: "IPv4 in plain; IPv6 in meshy"},
		"delayed-ack": {options: fixture.Options{Latency: func(arm string, _ v1alpha1.Level, _ int) time.Duration {
			return map[string]time.Duration{"plain": time.Millisecond, "meshy": 41 * time.Millisecond}[arm]
		}}, severity: v1alpha1.SeverityWarn, says: "delayed acknowledgement"},
		"cold-start": {options: fixture.Options{Latency: at("plain", map[int]float64{1: 2})},
			severity: v1alpha1.SeverityWarn, says: "round 1"},
		"outlier": {options: fixture.Options{Latency: at("plain", map[int]float64{4: 2})},
			severity: v1alpha1.SeverityWarn, says: "round 4"},
		"drift": {options: fixture.Options{Latency: at("plain",
			map[int]float64{1: 1, 2: 1.1, 3: 1.2, 4: 1.3, 5: 1.4, 6: 1.5})}, severity: v1alpha1.SeverityWarn, says: "drifts"},
		"trial-repeated": {edit: repeated, severity: v1alpha1.SeverityInfo, says: "evicted"},
		"few-rounds": {options: fixture.Options{Experiment: fixture.Named("exp1", 2)}, severity: v1alpha1.SeverityWarn,
			says: "needs 4"},
		"cpu-limit": {options: fixture.Options{Edit: containers("istio-proxy", func(c *v1alpha1.ContainerUsage) {
			limit := 0.6
			c.CPULimitCores = &limit
		})}, severity: v1alpha1.SeverityWarn, says: "istio-proxy of the server side used 1"},
		"node-saturated": {options: fixture.Options{Edit: onArm("meshy", nodes(func(n *v1alpha1.NodeUsage) {
			busy := 7.8 * n.CoveredSeconds
			n.CPUSeconds = &busy
		}))}, severity: v1alpha1.SeverityWarn, says: "node node-1 was busy for up to 98 % of its CPU time"},
		"cpu-pressure": {options: fixture.Options{Edit: onArm("meshy", nodes(func(n *v1alpha1.NodeUsage) {
			waited := 0.7
			n.CPUPressureRatio = &waited
		}))}, severity: v1alpha1.SeverityWarn, says: "70 %"},
		"steal": {options: fixture.Options{Edit: onArm("meshy", nodes(func(n *v1alpha1.NodeUsage) {
			stolen := 0.8 * n.CoveredSeconds
			n.StealSeconds = &stolen
		}))}, severity: v1alpha1.SeverityWarn, says: "took up to 10 %"},
		"resources-hidden": {options: fixture.Options{Edit: containers("istio-proxy", func(c *v1alpha1.ContainerUsage) {
			c.CPUSeconds, c.Missing = nil, "the runtime hides it"
		})}, severity: v1alpha1.SeverityWarn, says: "istio-proxy of the server side: the runtime hides it"},
		"source-not-read": {options: fixture.Options{Edit: onArm("meshy", func(t *v1alpha1.Trial) {
			t.Resources.Sources = append(t.Resources.Sources,
				v1alpha1.ResourceSource{Name: v1alpha1.SourceCAdvisor, Missing: "nodes/proxy is forbidden"})
		})}, severity: v1alpha1.SeverityInfo, says: "cadvisor in 6 of 12 trials: nodes/proxy is forbidden"},
		"clock-offset": {options: fixture.Options{Edit: func(t *v1alpha1.Trial) {
			late := -3.0
			t.Resources.Nodes[1].ClockOffsetSeconds = &late
		}}, severity: v1alpha1.SeverityWarn, says: "node-2 is -3.00 s off that of node node-1"},
		"other-tenants": {options: fixture.Options{Edit: onArm("plain", func(t *v1alpha1.Trial) {
			used := 4 * t.Window.Seconds
			t.Resources.Containers = append(t.Resources.Containers, v1alpha1.ContainerUsage{
				Pod: "shop", Node: "node-2", Side: v1alpha1.SideOther, Part: v1alpha1.PartOther, CPUSeconds: &used,
				CoveredSeconds: t.Window.Seconds,
			})
		})}, severity: v1alpha1.SeverityWarn, says: "other tenants of node node-2 used up to 50 %"},
		"idle-unknown": {edit: func(r *v1alpha1.Report) {
			used := 0.5
			r.Idle = &v1alpha1.IdleWindow{Resources: v1alpha1.Resources{Nodes: []v1alpha1.NodeUsage{{Node: "node-2",
				CPUSeconds: &used, CoveredSeconds: 10}, {Node: "node-1", Missing: "nobody looked"}}}}
		}, severity: v1alpha1.SeverityWarn, says: "no figure of node-1: "},
		"idle-busy": {edit: func(r *v1alpha1.Report) {
			used := 60.0 // 6 cores
			r.Idle = &v1alpha1.IdleWindow{Resources: v1alpha1.Resources{Nodes: []v1alpha1.NodeUsage{{Node: "node-1",
				CPUSeconds: &used, CoveredSeconds: 10}, {Node: "node-2", CPUSeconds: &used, CoveredSeconds: 10}}}}
		}, severity: v1alpha1.SeverityWarn, says: "in 12 of 12 trials the nodes used less"},
		"noise-floor": {options: fixture.Options{Arms: []string{"plain", "again", "meshy"}, Control: "again"},
			severity: v1alpha1.SeverityInfo, says: "could not have seen"},
		"baseline-differs-from-itself": {options: fixture.Options{Arms: []string{"plain", "again", "meshy"}, Control: "again",
			Latency: func(arm string, _ v1alpha1.Level, _ int) time.Duration {
				return map[string]time.Duration{"plain": time.Millisecond, "again": 1200 * time.Microsecond,
					"meshy": 1500 * time.Microsecond}[arm]
			}}, severity: v1alpha1.SeverityWarn, says: "second arm"},
		"clamped": {options: fixture.Options{Edit: onArm("meshy", func(t *v1alpha1.Trial) {
			t.Load.ServiceTime.Clamped = 2
		})}, severity: v1alpha1.SeverityWarn, says: "12 of 12000 answers (0.1 %) took more than 60 s"},
		"client-cpu-unknown": {options: fixture.Options{Edit: onArm("meshy", func(t *v1alpha1.Trial) {
			t.Clients[0].CPUSeconds = nil
		})}, severity: v1alpha1.SeverityWarn, says: "in 6 of 6 trials the CPU use of a load generator is not known"},
		"throttling-unknown": {options: fixture.Options{Edit: containers("istio-proxy", func(c *v1alpha1.ContainerUsage) {
			limit := 2.0
			c.CPULimitCores, c.ThrottledPeriods, c.Periods = &limit, nil, nil
		})}, severity: v1alpha1.SeverityInfo,
			says: "CPU limit: container istio-proxy of the server side"},
		"unattributed-below-zero": {options: fixture.Options{Edit: containers("istio-proxy",
			func(c *v1alpha1.ContainerUsage) {
				*c.CPUSeconds *= 20
			})}, severity: v1alpha1.SeverityWarn, says: "cores more were attributed than the nodes used"},
		"mtls-off": {edit: func(r *v1alpha1.Report) { r.Arms[1].DataPlane.MTLS = v1alpha1.AnswerNo },
			severity: v1alpha1.SeverityInfo, says: "not encrypted by the mesh"},
		"mtls-unknown": {edit: func(r *v1alpha1.Report) { r.Arms[1].DataPlane.MTLS = v1alpha1.AnswerUnknown },
			severity: v1alpha1.SeverityInfo, says: "cannot be told whether the mesh encrypts"},
		"several-sessions": {options: fixture.Options{Edit: func(t *v1alpha1.Trial) {
			if t.Round == 4 && t.Arm == "plain" { // what comes after is later too
				later(t, 6*24*time.Hour)
			}
		}}, severity: v1alpha1.SeverityInfo, says: "of 2 sessions, begun 2026-01-02 03:04 (6 trials) and 2026-01-08 03:0"},
		"pair-apart": {options: fixture.Options{Edit: onArm("meshy", func(t *v1alpha1.Trial) {
			if t.Round == 6 {
				later(t, 15*time.Minute)
			}
		})}, severity: v1alpha1.SeverityWarn,
			says: "in round 6 this arm and the baseline were measured 15m8s apart, usually 8s"},
		"disturbance": {options: fixture.Kills(fixture.Options{}), severity: v1alpha1.SeverityInfo,
			says: "kill-target in 10 rounds"},
		"few-events": {options: oneKill(), severity: v1alpha1.SeverityWarn, says: "1 event of a disturbance"},
		"fragile-baseline": {options: fixture.Kills(fixture.Options{}), severity: v1alpha1.SeverityInfo,
			says: "without the mesh 11.5 requests failed for each disturbance, with it 0.5"},
		"one-session": {severity: v1alpha1.SeverityInfo, says: "between-session"},
	}
	for _, code := range analyse.Codes() {
		if _, ok := tests[code]; !ok && !strings.HasPrefix(code, "search-") && code != "above-ceiling" &&
			code != "near-capacity" && code != "send-lag" {
			t.Errorf("finding %s has no test", code)
		}
	}
	clean := codes(complete(t, fixture.Options{}, nil))
	if !slices.Equal(clean, []string{"one-session"}) {
		t.Errorf("a clean run has findings %v, want only that it is one session", clean)
	}
	cleanOpen := codes(complete(t, fixture.Options{Experiment: openExperiment()}, nil))
	if !slices.Equal(cleanOpen, []string{"one-session"}) {
		t.Errorf("a clean run of an open schedule has findings %v", cleanOpen)
	}
	for code, c := range tests {
		t.Run(code, func(t *testing.T) {
			r := complete(t, c.options, c.edit)
			for _, f := range r.Findings {
				if f.Code == code {
					if f.Severity != c.severity || !strings.Contains(f.Evidence, c.says) {
						t.Errorf("finding is %+v, want severity %s and %q", f, c.severity, c.says)
					}
					return
				}
			}
			t.Errorf("not found; there are %v", codes(r))
		})
	}
}

// Containers that are in nobody's path void nothing, and alike in all arms they
// are no more than worth knowing.
func TestInjectedContainersVoidNothing(t *testing.T) {
	shipper := v1alpha1.Container{Name: "log-shipper", Injected: true}
	r := complete(t, fixture.Options{}, func(r *v1alpha1.Report) {
		for i := range r.Arms {
			r.Arms[i].Target.Containers = append(r.Arms[i].Target.Containers, shipper)
		}
	})
	for _, c := range r.Cells {
		if c.Void {
			t.Errorf("cell of %s is void: %+v", c.Arm, r.Findings)
		}
	}
	for _, f := range r.Findings {
		if f.Code == "containers-injected" && f.Severity != v1alpha1.SeverityInfo {
			t.Errorf("alike in all arms: %+v", f)
		}
	}
	if !slices.Contains(codes(r), "containers-injected") {
		t.Errorf("findings are %v", codes(r))
	}
}

// A baseline that only the probes show to be meshed is void too, and a mesh
// that leaves no trace on pods is not void for that.
func TestWhatProbesShowVoidsABaseline(t *testing.T) {
	r := complete(t, fixture.Options{}, func(r *v1alpha1.Report) {
		r.Arms[0].DataPlane.Path = v1alpha1.PathBothSides
	})
	if !slices.Contains(codes(r), "baseline-meshed") {
		t.Errorf("findings are %v", codes(r))
	}
	r = complete(t, fixture.Options{}, func(r *v1alpha1.Report) {
		r.Arms[1].Target.Containers = r.Arms[1].Target.Containers[:1]
		r.Arms[1].DataPlane.Path, r.Arms[1].DataPlane.Architecture = v1alpha1.PathUnknown, "node-and-waypoint"
	})
	for _, c := range r.Cells {
		if c.Void {
			t.Errorf("cell of %s is void: %+v", c.Arm, r.Findings)
		}
	}
}
