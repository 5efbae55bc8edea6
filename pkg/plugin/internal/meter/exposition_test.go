package meter

import (
	"fmt"
	"strings"
	"time"
)

// kubeletText builds what a kubelet answers to /metrics/cadvisor.
type kubeletText struct{ families map[string][]string }

func newKubeletText() *kubeletText { return &kubeletText{families: map[string][]string{}} }

func (k *kubeletText) row(metric, labels string, value float64, at time.Time) *kubeletText {
	stamp := ""
	if !at.IsZero() {
		stamp = fmt.Sprint(" ", at.UnixMilli())
	}
	k.families[metric] = append(k.families[metric], fmt.Sprintf("%s{%s} %g%s", metric, labels, value, stamp))
	return k
}

// container adds the rows of one container at an instant.
func (k *kubeletText) container(namespace, pod, container, id string, cpu, memory float64, at time.Time) *kubeletText {
	labels := fmt.Sprintf(`container=%q,id=%q,image="x",name=%q,namespace=%q,pod=%q`, container, "/kubepods/"+id, id,
		namespace, pod)
	k.row(metricCPU, labels+`,cpu="total"`, cpu, at).row(metricUser, labels, cpu*0.75, at).row(metricSystem, labels,
		cpu*0.25, at)
	return k.row(metricMemory, labels, memory, at)
}

// pod adds the row of a whole pod.
func (k *kubeletText) pod(namespace, pod string, cpu float64, at time.Time) *kubeletText {
	return k.row(metricCPU,
		fmt.Sprintf(`container="",cpu="total",id="/kubepods/pod%s",image="",name="",namespace=%q,pod=%q`, pod, namespace,
			pod), cpu, at)
}

// machine adds the rows of the whole node.
func (k *kubeletText) machine(cpu float64, at time.Time) *kubeletText {
	labels := `container="",id="/",image="",name="",namespace="",pod=""`
	return k.row(metricCPU, labels+`,cpu="total"`, cpu, at).row(metricUser, labels, cpu*0.5, at).row(metricSystem, labels,
		cpu*0.5, at).row(metricCores, "", 4, time.Time{})
}

func (k *kubeletText) bytes() []byte {
	var b strings.Builder
	b.WriteString("# HELP container_fs_inodes_free of no use\n# TYPE container_fs_inodes_free gauge\ncontainer_fs_inodes_free{id=\"/\"} 1\n")
	for metric, rows := range k.families {
		kind := "gauge"
		if strings.HasSuffix(metric, "_total") {
			kind = "counter"
		}
		fmt.Fprintf(&b, "# HELP %s Something.\n# TYPE %s %s\n%s\n", metric, metric, kind, strings.Join(rows, "\n"))
	}
	return []byte(b.String())
}
