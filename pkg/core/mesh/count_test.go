package mesh

import (
	"slices"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

func number(n int64) *int64 { return &n }

// count is what one side counted of 31,238 requests over 32 connections in 35 s.
func count(side v1alpha1.Side, counted int64) v1alpha1.ProxyCount {
	return v1alpha1.ProxyCount{Side: side, Sent: 31238, Sockets: 32, Seconds: 35, Counted: number(counted),
		Connections: number(0)}
}

func secured(counted, mutualTLS int64) v1alpha1.ProxyCount {
	c := count(v1alpha1.SideServer, counted)
	c.MutualTLS, c.Plain = number(mutualTLS), number(counted-mutualTLS)
	return c
}

// untold is what a server's proxy counted that does not know the policy.
func untold(counted int64) v1alpha1.ProxyCount {
	c := count(v1alpha1.SideServer, counted)
	c.MutualTLS, c.Plain = number(0), number(0)
	return c
}

func unreadable(side v1alpha1.Side, why string) v1alpha1.ProxyCount {
	return v1alpha1.ProxyCount{Side: side, Sent: 31238, Seconds: 35, Unread: why}
}

func TestCountersProveThePath(t *testing.T) {
	client, server := v1alpha1.SideClient, v1alpha1.SideServer
	asTCP := func(c v1alpha1.ProxyCount, connections int64) v1alpha1.ProxyCount {
		c.Connections = number(connections)
		return c
	}
	xfcc := []v1alpha1.Probe{{RequestHeaders: []string{"x-forwarded-client-cert"}}}
	around := map[string]string{"traffic.sidecar.istio.io/excludeInboundPorts": "8080"}
	const missing = "port 15020/stats/prometheus has no counter istio_requests_total"
	for _, c := range []struct {
		name        string
		counts      []v1alpha1.ProxyCount
		probes      []v1alpha1.Probe
		annotations map[string]string // of the target
		path        v1alpha1.Path
		mtls        v1alpha1.Answer
		evidence    []string
	}{
		{"both sides", []v1alpha1.ProxyCount{count(client, 31240), secured(31239, 31238)}, nil, nil, v1alpha1.PathBothSides,
			v1alpha1.AnswerYes,
			[]string{"client side: istio-proxy counted 31,240 requests, 31,238 were sent",
				"the proxy on the server side counted 31,238 requests through mutual TLS and 1 in plain text, 31,238 were sent"}},
		{"more than was sent, by a probe a second", []v1alpha1.ProxyCount{count(client, 31240), secured(31273, 31238)}, nil,
			nil, v1alpha1.PathBothSides, v1alpha1.AnswerYes, nil},
		{"added up over trials",
			[]v1alpha1.ProxyCount{count(client, 31238), count(client, 31238), secured(31238, 31238), secured(31238, 31238)}, nil,
			nil, v1alpha1.PathBothSides, v1alpha1.AnswerYes,
			[]string{"istio-proxy counted 62,476 requests, 62,476 were sent"}},
		{"around the server's", []v1alpha1.ProxyCount{count(client, 31240), secured(36, 1)}, nil, nil,
			v1alpha1.PathClientSide, v1alpha1.AnswerNo,
			[]string{"server side: istio-proxy counted 36 requests, 31,238 were sent: they went around it",
				"the counters contradict what pods and headers show"}},
		{"around the client's", []v1alpha1.ProxyCount{count(client, 1), secured(31240, 0)}, nil, nil, v1alpha1.PathServerSide,
			v1alpha1.AnswerNo, nil},
		{"around both", []v1alpha1.ProxyCount{count(client, 0), secured(36, 0)}, nil, nil, v1alpha1.PathNone,
			v1alpha1.AnswerNo, nil},
		{"in plain text", []v1alpha1.ProxyCount{count(client, 31240), secured(31240, 1)}, nil, nil, v1alpha1.PathBothSides,
			v1alpha1.AnswerNo,
			[]string{"counted 1 requests through mutual TLS and 31,239 in plain text, 31,238 were sent"}},
		{"in plain text, against a header", []v1alpha1.ProxyCount{count(client, 31240), secured(31240, 1)}, xfcc, nil,
			v1alpha1.PathBothSides, v1alpha1.AnswerNo,
			[]string{"which names the peer that mutual TLS proved", "that contradicts the probes' headers"}},
		{"partly encrypted", []v1alpha1.ProxyCount{count(client, 31240), secured(31240, 15000)}, xfcc, nil,
			v1alpha1.PathBothSides, v1alpha1.AnswerUnknown,
			[]string{"only a part of them"}},
		{"a part went around", []v1alpha1.ProxyCount{count(client, 15000), secured(31240, 31240)}, nil, nil,
			v1alpha1.PathUnknown, v1alpha1.AnswerYes,
			[]string{"only a part went through it"}},
		{"taken for TCP", []v1alpha1.ProxyCount{asTCP(count(client, 1), 33), asTCP(secured(1, 1), 33)}, nil, nil,
			v1alpha1.PathBothSides, v1alpha1.AnswerUnknown,
			[]string{"33 connections: it took them for TCP"}},
		{"connections of kubelets are none of the load's",
			[]v1alpha1.ProxyCount{count(client, 31240), asTCP(secured(35, 0), 36)}, nil, nil, v1alpha1.PathClientSide,
			v1alpha1.AnswerNo, nil},
		{"annotations say less than counters", []v1alpha1.ProxyCount{count(client, 31240), secured(31240, 31238)}, nil,
			around, v1alpha1.PathBothSides, v1alpha1.AnswerYes, nil},
		{"annotations that counters confirm", []v1alpha1.ProxyCount{count(client, 31240), secured(0, 0)}, nil, around,
			v1alpha1.PathClientSide, v1alpha1.AnswerNo, nil},
		{"a counter that is not there", []v1alpha1.ProxyCount{unreadable(client, missing), unreadable(server, missing)}, xfcc,
			nil, v1alpha1.PathBothSides, v1alpha1.AnswerYes,
			[]string{"client side: istio-proxy: counters not readable: " + missing}},
		{"not there, and no header", []v1alpha1.ProxyCount{unreadable(client, missing), unreadable(server, missing)}, nil,
			nil, v1alpha1.PathUnknown, v1alpha1.AnswerUnknown,
			[]string{"not readable (" + missing + "): counter istio_requests_total"}},
		{"one pod of two could not be read",
			[]v1alpha1.ProxyCount{count(client, 31238), unreadable(client, "nothing listens"), secured(31238, 31238)}, nil,
			around, v1alpha1.PathBothSides, v1alpha1.AnswerYes, nil}, // mutual TLS takes both
		{"no reporter, so the counter stood still beside an identity",
			[]v1alpha1.ProxyCount{count(client, 0), secured(0, 0)}, xfcc, nil, v1alpha1.PathBothSides, v1alpha1.AnswerYes,
			[]string{"none of the probes that show it by their headers: it counts something else"}},
		{"no policy label beside an identity", []v1alpha1.ProxyCount{count(client, 31238), count(server, 31240)}, xfcc, nil,
			v1alpha1.PathBothSides, v1alpha1.AnswerYes, nil},
		{"policy unknown beside an identity", []v1alpha1.ProxyCount{count(client, 31238), untold(31240)}, xfcc, nil,
			v1alpha1.PathBothSides, v1alpha1.AnswerYes, []string{"does not say of 31,240 requests"}},
		{"policy unknown and no identity", []v1alpha1.ProxyCount{count(client, 31238), untold(31240)}, nil, nil,
			v1alpha1.PathBothSides, v1alpha1.AnswerUnknown, []string{"does not say of 31,240 requests"}},
		{"the load left the path that the probe took", []v1alpha1.ProxyCount{count(client, 0), secured(36, 36)}, xfcc, nil,
			v1alpha1.PathNone, v1alpha1.AnswerUnknown, []string{"only the probes before the load had it"}},
		{"none on the client's side and mutual TLS on the server's",
			[]v1alpha1.ProxyCount{count(client, 0), secured(31240, 31240)}, nil, nil, v1alpha1.PathUnknown,
			v1alpha1.AnswerYes, []string{"which takes a proxy on both sides"}},
		{"too few",
			[]v1alpha1.ProxyCount{{Side: client, Sent: 35, Seconds: 35, Counted: number(0)},
				{Side: server, Sent: 35, Seconds: 35, Counted: number(35), MutualTLS: number(0)}}, nil, nil, v1alpha1.PathUnknown,
			v1alpha1.AnswerUnknown,
			[]string{"too few to tell"}},
		{"as slow as kubelets ask",
			[]v1alpha1.ProxyCount{count(client, 31240),
				{Side: server, Sent: 900, Seconds: 900, Counted: number(900), MutualTLS: number(0)}}, nil, nil,
			v1alpha1.PathBothSides, v1alpha1.AnswerUnknown,
			[]string{"too few to tell"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			pod := func(side v1alpha1.Side, annotations map[string]string) SeenPod {
				return SeenPod{Side: side, Name: string(side),
					Mesh: v1alpha1.PodMesh{Annotations: annotations, Containers: []v1alpha1.MeshContainer{{Name: "istio-proxy"}}}}
			}
			d := builtin(t).Verify(v1alpha1.DataPlane{Mesh: "istio-sidecar"}, Seen{
				Role: v1alpha1.RoleMeshed, Pods: []SeenPod{pod(client, nil), pod(server, c.annotations)}, Ports: []int32{8080},
				Probes: c.probes, Counts: c.counts,
			})
			all := strings.Join(slices.Concat(d.PathEvidence, d.MTLSEvidence), "\n")
			if d.Path != c.path || d.MTLS != c.mtls {
				t.Errorf("path %q, mTLS %q; want %q, %q\n%s", d.Path, d.MTLS, c.path, c.mtls, all)
			}
			for _, part := range c.evidence {
				if !strings.Contains(all, part) {
					t.Errorf("evidence does not contain %q:\n%s", part, all)
				}
			}
		})
	}
}
