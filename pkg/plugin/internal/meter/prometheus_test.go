package meter

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"k8s.io/apimachinery/pkg/types"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// server is a Prometheus that scraped a target every 15 s.
func server(t *testing.T, asked *[]string) *httptest.Server {
	t.Helper()
	samples := func(rate float64) [][2]any {
		var all [][2]any
		for s := -60.0; s <= 90; s += 15 {
			all = append(all, [2]any{float64(at(s).UnixMilli()) / 1000, strconv.FormatFloat(1000+rate*s, 'f', -1, 64)})
		}
		return all
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/api/v1/query", func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			http.Error(w, "a proxy that lets only GET through", http.StatusForbidden)
			return
		}
		query := r.FormValue("query")
		*asked = append(*asked, query)
		metric := func(name string, more ...string) map[string]string {
			m := map[string]string{"__name__": name, "instance": "n1", "id": "/kubepods/a", "namespace": "shop", "pod": "target",
				"container": worker, "cpu": "total"}
			for i := 0; i < len(more); i += 2 {
				m[more[i]] = more[i+1]
			}
			return m
		}
		var result any
		kind := "matrix"
		switch {
		case strings.HasPrefix(query, "node_uname_info"):
			kind, result = "vector", []any{}
		case strings.HasPrefix(query, metricCPU):
			kind = "vector"
			result = []any{map[string]any{"metric": map[string]string{"__name__": metricCPU, "id": "/", "instance": "n1"},
				"value": [2]any{1, "1"}}}
		case strings.HasPrefix(query, metricNodeCPU):
			var all []any
			for mode, rate := range map[string]float64{"user": 0.5, "system": 0.25, "softirq": 0.125, "idle": 1} {
				for cpu := range 2 {
					all = append(all,
						map[string]any{"metric": map[string]string{"__name__": metricNodeCPU, "instance": "n1", "mode": mode,
							"cpu": fmt.Sprint(cpu)}, "values": samples(rate)})
				}
			}
			result = all
		default:
			result = []any{
				map[string]any{"metric": metric(metricCPU), "values": samples(0.5)},
				map[string]any{"metric": metric(metricMemory), "values": samples(0)},
				map[string]any{"metric": metric(metricCPU, "container", "", "image", "", "pod", "tenant"), "values": samples(0.1)},
			}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"status": "success",
			"data": map[string]any{"resultType": kind, "result": result}})
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func TestPrometheusIsAskedForSamplesAsTheyWereScraped(t *testing.T) {
	var asked []string
	source, err := Prometheus(PrometheusAccess{Address: server(t, &asked).URL})
	if err != nil {
		t.Fatal(err)
	}
	s := targetScope()
	if err := source.poll(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	l, err := source.readings(t.Context(), s, window(0, 30))
	if err != nil {
		t.Fatal(err)
	}
	u := find(t, l.usages(s, window(0, 30), source.name()), worker)
	if u.CPUSeconds == nil || !near(*u.CPUSeconds, 15) || *u.CPUErrorSeconds != 0 || *u.MemoryMaxBytes != 1000 ||
		u.Source != v1alpha1.SourcePrometheus {
		t.Errorf("%+v, want 15 s", u)
	}
	n := l.nodes["n1"].usage("n1", window(0, 30), source.name())
	if !near(*n.CPUSeconds, 2*30*0.875) || !near(*n.SoftIRQSeconds, 7.5) || !near(*n.IdleSeconds, 60) {
		t.Errorf("node %+v, want node-exporter's modes over two processors", n)
	}
	if others := l.tenants(s, window(0, 30), source.name()); len(others) != 1 || !near(*others[0].CPUSeconds, 3) {
		t.Errorf("tenants %+v", others)
	}
	if got := l.queries; len(got) != 2 || len(asked) < 3 || !strings.Contains(got[0], `instance="n1"`) ||
		!strings.HasSuffix(got[0], "[150000ms]") {
		t.Errorf("queries %q", got)
	}
}

func TestAPrometheusThatDoesNotKnowTheNodeIsMissing(t *testing.T) {
	var asked []string
	source, err := Prometheus(PrometheusAccess{Address: server(t, &asked).URL})
	if err != nil {
		t.Fatal(err)
	}
	s := scope{own: map[types.NamespacedName]ownPod{{Namespace: "shop", Name: "target"}: {node: "n7"}}}
	if err := source.poll(t.Context(), s); err == nil || !strings.Contains(err.Error(), "n7") {
		t.Errorf("error %v, want one that names n7", err)
	}
	if l, err := source.readings(t.Context(), s, window(0, 30)); err != nil || len(l.containers) != 0 {
		t.Errorf("%v, %v; want nothing", l, err)
	}
}

func TestTheLabelOfANodeIsFound(t *testing.T) {
	series := func(labels ...string) model.Vector {
		m := model.Metric{}
		for i := 0; i < len(labels); i += 2 {
			m[model.LabelName(labels[i])] = model.LabelValue(labels[i+1])
		}
		return model.Vector{{Metric: m}}
	}
	for _, c := range []struct {
		series model.Vector
		want   string
	}{
		{series("instance", "10.0.0.1:10250", "node", "n1"), `node="n1"`},
		{series("instance", "n1"), `instance="n1"`},
		{series("instance", "n1:10250"), `instance="n1:10250"`},
		{series("job", "n1", "kubernetes_io_hostname", "n1"), `kubernetes_io_hostname="n1"`},
		{series("instance", "n10"), ""},
		{nil, ""},
	} {
		if got := nodeLabel(c.series, "n1"); got != c.want {
			t.Errorf("label of %v is %q, want %q", c.series, got, c.want)
		}
	}
}
