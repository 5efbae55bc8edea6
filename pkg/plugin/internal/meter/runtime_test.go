package meter

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

const sliceOf = "/kubepods.slice/kubepods-burstable.slice/" +
	"kubepods-burstable-pod29234949_37ec_4e7b_a59e_aa8773f07ff5.slice"

// rows are what kubelets serve of the target's pod under several runtimes, as
// they name containers; the worker's CPU time counts from a value.
func rows(runtime string, cpu float64, at time.Time) *kubeletText {
	k := newKubeletText()
	usage := func(labels string, value float64) {
		k.row(metricCPU, labels+`,cpu="total"`, value, at).row(metricMemory, labels, 5e6, at)
	}
	mine := `namespace="shop",pod="target"`
	switch runtime {
	case "containerd, cgroup v2, systemd":
		usage(fmt.Sprintf(`container="meshbench",id="%s/cri-containerd-%s.scope",image="w",name=%q,%s`, sliceOf, idA, idA,
			mine),
			cpu)
		usage(fmt.Sprintf(`container="",id=%q,image="",name="",%s`, sliceOf, mine), cpu+1)
		// The sandbox of the pod, and pressure, which kernels of version 2 tell.
		usage(fmt.Sprintf(`container="",id="%s/cri-containerd-%s.scope",image="pause",name=%q,%s`, sliceOf, idB, idB, mine),
			1)
		k.row("container_pressure_cpu_waiting_seconds_total", fmt.Sprintf(`container="",id=%q,image="",name="",%s`, sliceOf,
			mine), 3, at)
	case "CRI-O":
		usage(fmt.Sprintf(`container="meshbench",id="%s/crio-%s.scope",image="w",name="k8s_meshbench_target_shop_%s_0",%s`,
			sliceOf, idA, uid, mine), cpu)
		// A second row below the scope, and the container's monitor.
		usage(fmt.Sprintf(`container="meshbench",id="%s/crio-%s.scope/container",image="w",`+
			`name="k8s_meshbench_target_shop_%s_0",%s`, sliceOf, idA, uid, mine), cpu)
		usage(fmt.Sprintf(`container="",id="%s/crio-conmon-%s.scope",image="",name="",namespace="",pod=""`, sliceOf, idA), 2)
		usage(fmt.Sprintf(`container="POD",id="%s/crio-%s.scope",image="pause",name="k8s_POD_target_shop_%s_0",%s`, sliceOf,
			idB, uid, mine), 1)
	case "cri-dockerd":
		usage(fmt.Sprintf(`container="",id="%s",image="",name="",namespace="",pod=""`, path("", idA)), cpu)
		usage(fmt.Sprintf(`container="",id="/kubepods/burstable/pod%s",image="",name="",namespace="",pod=""`, uid), cpu+1)
	}
	return k.machine(1000+cpu, at)
}

func TestContainersAreFoundAsRuntimesNameThem(t *testing.T) {
	for runtime, c := range map[string]struct {
		want float64 // over a window of 30 s; 0 for none
		says string
	}{
		"containerd, cgroup v2, systemd": {want: 15},
		"CRI-O":                          {want: 15},
		"cri-dockerd":                    {says: "the kubelet's rows name no pods, as under cri-dockerd"},
	} {
		l := newReadings()
		for seconds := -30.0; seconds <= 60; seconds += 10 {
			all, err := parseExposition(rows(runtime, 100+0.5*(seconds+30), at(seconds)).bytes())
			if err != nil {
				t.Fatal(err)
			}
			l.observe("n1", all)
		}
		b := builder{scope: targetScope(), window: window(0, 30), nameless: map[string]bool{},
			result: v1alpha1.Resources{Sources: []v1alpha1.ResourceSource{{Name: v1alpha1.SourceCAdvisor}}}}
		b.add(l, v1alpha1.SourceCAdvisor)
		b.fillIn()
		u := find(t, b.result.Containers, worker)
		switch {
		case c.want == 0 && (u.CPUSeconds != nil || !strings.Contains(u.Missing, c.says)):
			t.Errorf("%s: %+v, want none because %q", runtime, u, c.says)
		case c.want > 0 && (u.CPUSeconds == nil || !near(*u.CPUSeconds, c.want) || u.MemoryMeanBytes == nil):
			t.Errorf("%s: %+v, want %g s", runtime, u, c.want)
		}
		if n := b.result.Nodes; len(n) != 1 || n[0].CPUSeconds == nil || !near(*n[0].CPUSeconds, 15) {
			t.Errorf("%s: nodes %+v, want 15 s", runtime, n)
		}
	}
}

// A node's proxy that is restarted in the middle of a trial is the mesh's in both
// lives; a pod that another one took the place of says why it has no figure.
func TestANodeProxyThatRestartsInATrialIsTheMeshs(t *testing.T) {
	proxy := func(pod, id string, cpu, seconds float64) *kubeletText {
		labels := fmt.Sprintf(`container="proxy",id="%s/cri-containerd-%s.scope",image="z",name=%q,namespace="mesh",pod=%q`,
			sliceOf, id, id, pod)
		return newKubeletText().row(metricCPU, labels+`,cpu="total"`, cpu, at(seconds)).
			row(metricStart, labels, map[string]float64{idA: float64(at(-1000).Unix()), idB: float64(at(14).Unix())}[id], at(0))
	}
	s := scope{own: map[types.NamespacedName]ownPod{{Namespace: "shop", Name: "target"}: {node: "n1",
		side: v1alpha1.SideServer, containers: []string{worker}}}, worker: worker,
		components: []resolved{{Component: ztunnel(), pods: []string{"ztunnel-first", "ztunnel-second"}}}}
	for name, c := range map[string]struct {
		second string // the pod after the restart
		want   map[string]string
	}{
		"a container of the same pod": {"ztunnel-first", map[string]string{"ztunnel-first": ""}},
		"another pod": {"ztunnel-second", map[string]string{"ztunnel-first": "samples cover 10.0 s of the 30.0 s",
			"ztunnel-second": ""}},
	} {
		l := observed(t, proxy("ztunnel-first", idA, 900, -10), proxy("ztunnel-first", idA, 905, 0),
			proxy("ztunnel-first", idA, 910, 10), proxy(c.second, idB, 3, 20), proxy(c.second, idB, 8, 30),
			proxy(c.second, idB, 13, 40))
		used := l.usages(s, window(0, 30), v1alpha1.SourceCAdvisor)
		if len(used) != len(c.want) {
			t.Errorf("%s: %+v", name, used)
		}
		for _, u := range used {
			missing, expected := c.want[u.Pod]
			if !expected || u.Side != v1alpha1.SideNode || u.Part != v1alpha1.PartProxy ||
				!strings.Contains(u.Missing, missing) ||
				(u.CPUSeconds == nil) != (missing != "") {
				t.Errorf("%s: %+v, want it on side node, and missing %q", name, u, missing)
			}
			if c.second == "ztunnel-first" && (!u.Restarted || u.CPUSeconds == nil || !near(*u.CPUSeconds, 5+3+5)) {
				t.Errorf("%s: %+v, want 13 s, restarted", name, u)
			}
		}
		if tenants := l.tenants(s, window(0, 30), v1alpha1.SourceCAdvisor); len(tenants) > 0 {
			t.Errorf("%s: %+v are taken for tenants", name, tenants)
		}
	}
}
