package meter

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// stored is a series of a Prometheus that grows evenly.
type stored struct {
	labels      string // as PromQL writes them, the name first
	from, cores float64
}

// prometheusOf is a Prometheus that holds these series, of every 15 s from -60 s
// to 90 s, and understands the queries that we make.
func prometheusOf(all ...stored) http.HandlerFunc {
	pair := regexp.MustCompile(`([a-zA-Z_]+)(=~|!=|=)"((?:[^"\\]|\\.)*)"`)
	labelsOf := func(text string) map[string]string {
		out := map[string]string{}
		name, rest, _ := strings.Cut(text, "{")
		out["__name__"] = name
		for _, m := range pair.FindAllStringSubmatch(rest, -1) {
			out[m[1]] = m[3]
		}
		return out
	}
	meets := func(labels map[string]string, selector string) bool {
		name, rest, _ := strings.Cut(selector, "{")
		if name != "" && labels["__name__"] != name {
			return false
		}
		for _, m := range pair.FindAllStringSubmatch(rest, -1) {
			want, _ := strconv.Unquote(`"` + m[3] + `"`)
			ok := labels[m[1]] == want
			if m[2] == "=~" {
				ok = regexp.MustCompile("^(?:" + want + ")$").MatchString(labels[m[1]])
			}
			if ok == (m[2] == "!=") {
				return false
			}
		}
		return true
	}
	return func(w http.ResponseWriter, r *http.Request) {
		query := r.FormValue("query")
		ranged := strings.HasSuffix(query, "]")
		var result []any
		for selector := range strings.SplitSeq(strings.TrimSuffix(strings.TrimPrefix(query, "count("), ")"), " or ") {
			selector, _, _ = strings.Cut(selector, "}")
			for _, s := range all {
				labels := labelsOf(s.labels)
				if !meets(labels, selector) {
					continue
				}
				var values [][2]any
				for seconds := -60.0; seconds <= 90; seconds += 15 {
					values = append(values, [2]any{float64(at(seconds).Unix()), fmt.Sprint(s.from + s.cores*seconds)})
				}
				if ranged {
					result = append(result, map[string]any{"metric": labels, "values": values})
				} else {
					result = append(result, map[string]any{"metric": labels, "value": values[0]})
				}
			}
		}
		if strings.HasPrefix(query, "count(") && len(result) > 0 {
			result = []any{map[string]any{"metric": map[string]string{}, "value": [2]any{1, fmt.Sprint(len(result))}}}
		}
		if result == nil {
			result = []any{}
		}
		kind := "vector"
		if ranged {
			kind = "matrix"
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"status": "success",
			"data": map[string]any{"resultType": kind, "result": result}})
	}
}

// asked is what a Prometheus tells of the target, and of its node.
func asked(t *testing.T, access PrometheusAccess, handler http.Handler) (v1alpha1.ContainerUsage, v1alpha1.NodeUsage) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	access.Address = server.URL
	source, err := Prometheus(access)
	if err != nil {
		t.Fatal(err)
	}
	s := targetScope()
	if err := Check(t.Context(), source); err != nil {
		t.Fatal(err)
	}
	if err := source.poll(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	l, err := source.readings(t.Context(), s, window(0, 30))
	if err != nil {
		t.Fatal(err)
	}
	return find(t, l.usages(s, window(0, 30), source.name()), worker),
		l.node("n1").usage("n1", window(0, 30), source.name())
}

// rowOf is cAdvisor's row of the target's worker, with more labels.
func rowOf(more string, cores float64) stored {
	return stored{fmt.Sprintf(`%s{container="meshbench",id=%q,namespace="shop",pod="target",%s}`, metricCPU, path("", idA),
		more), 1000, cores}
}

// What kube-prometheus-stack 60 to 75 stores: no row of the root control group,
// no label that names the node on node-exporter's series.
func TestNodesAreFoundByRowsOfOurPods(t *testing.T) {
	const kubelet = `instance="10.0.0.1:10250",job="kubelet",metrics_path="/metrics/cadvisor"`
	exporter := func(mode string, cores float64) stored {
		return stored{fmt.Sprintf(`%s{cpu="0",instance="10.0.0.1:9100",job="node-exporter",mode=%q}`, metricNodeCPU, mode),
			5000, cores}
	}
	c, n := asked(t, PrometheusAccess{}, prometheusOf(rowOf(kubelet, 0.5), exporter("user", 0.5), exporter("idle", 0.25),
		exporter("softirq", 0.25), stored{`node_uname_info{instance="10.0.0.1:9100",nodename="n1.example"}`, 1, 0},
		stored{metricNodeCPU + `{cpu="0",instance="10.0.0.2:9100",mode="user"}`, 7, 0.9}))
	if c.CPUSeconds == nil || !near(*c.CPUSeconds, 15) {
		t.Errorf("container %+v, want 15 s", c)
	}
	if n.CPUSeconds == nil || !near(*n.CPUSeconds, 22.5) || !near(*n.SoftIRQSeconds, 7.5) {
		t.Errorf("node %+v, want 22.5 s by node-exporter", n)
	}
	_, n = asked(t, PrometheusAccess{}, prometheusOf(rowOf(kubelet, 0.5)))
	if n.CPUSeconds != nil || !strings.Contains(n.Missing, "cAdvisorMetricRelabelings") {
		t.Errorf("node %+v, want the setting that would give it", n)
	}
}

func TestAMatcherSelectsTheCluster(t *testing.T) {
	root := func(cluster string, from, cores float64) stored {
		return stored{fmt.Sprintf(`%s{id="/",instance="n1",cluster=%q}`, metricCPU, cluster), from, cores}
	}
	all := prometheusOf(rowOf(`instance="n1",cluster="b"`, 0.5), root("a", 900000, 0.1), root("b", 1000, 1.5))
	if _, n := asked(t, PrometheusAccess{}, all); n.CPUSeconds != nil || !strings.Contains(n.Missing, `cluster="`) {
		t.Errorf("node of two clusters: %+v", n)
	}
	c, n := asked(t, PrometheusAccess{Matchers: []string{`cluster="b"`}}, all)
	if n.CPUSeconds == nil || !near(*n.CPUSeconds, 45) || !near(*c.CPUSeconds, 15) {
		t.Errorf("node %+v, container %+v; want 45 s and 15 s", n, c)
	}
}

// A source that was named and gives nothing is an error, and says what to do.
func TestANamedPrometheusThatGivesNothingIsAnError(t *testing.T) {
	answer := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status); _, _ = w.Write([]byte(body)) }
	}
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		says    string
	}{
		"401":          {answer(401, "Unauthorized"), "--prometheus-token"},
		"403":          {answer(403, "Forbidden"), "--prometheus-token"},
		"a login page": {answer(200, "<html>Log in</html>"), "web page"},
		"no tenant":    {answer(401, "no org id"), "--prometheus-header"},
		"elsewhere": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://other/", http.StatusTemporaryRedirect)
		},
			"not followed"},
		"empty":    {prometheusOf(), "/metrics/cadvisor"},
		"too slow": {answer(504, "upstream timed out"), "504"},
	} {
		server := httptest.NewServer(c.handler)
		source, err := Prometheus(PrometheusAccess{Address: server.URL})
		if err != nil {
			t.Fatal(err)
		}
		if err := Check(t.Context(), source); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: error %v, want one that says %q", name, err, c.says)
		}
		server.Close()
	}
	if err := Check(t.Context(), Kubelet(newAPI())); err != nil {
		t.Errorf("a source that is only tried: %v", err)
	}
}

func TestAnAuthorityOfOnesOwnIsTrusted(t *testing.T) {
	server := httptest.NewTLSServer(prometheusOf(rowOf(`instance="n1"`, 1)))
	t.Cleanup(server.Close)
	for name, ca := range map[string][]byte{
		"":            nil,
		"its own":     pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}),
		"no PEM file": []byte("hello"),
	} {
		source, err := Prometheus(PrometheusAccess{Address: server.URL, CA: ca})
		if err == nil {
			err = Check(t.Context(), source)
		}
		if ok := name == "its own"; (err == nil) != ok {
			t.Errorf("CA %q: error %v", name, err)
		}
		if name == "" && !strings.Contains(err.Error(), "--prometheus-ca") {
			t.Errorf("error %v, want that a CA can be given", err)
		}
	}
}

// A server repeats in its answers all that it was sent: nothing of it may be in
// what we write.
func TestSecretsAreInNothingThatASourceSays(t *testing.T) {
	const token, tenant, inPath = "s3cr3t/token+with=signs", `tenant-"quoted"-secret`, "a-token-in-the-path"
	good := prometheusOf(rowOf(`instance="n1"`, 1))
	for _, status := range []int{200, 401, 500, 302} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			sent := fmt.Sprint(r.Header, r.URL, r.Header["Authorization"], r.Header["X-Scope-Orgid"])
			if r.Header.Get("Authorization") != "Bearer "+token || r.Header.Get("X-Scope-OrgID") != tenant {
				t.Errorf("it was sent %s", sent)
			}
			w.Header().Set("Location", "http://other/"+token)
			w.WriteHeader(status)
			switch {
			case status == 200 && strings.HasPrefix(r.FormValue("query"), "{"): // labels of a stranger
				_ = json.NewEncoder(w).Encode(map[string]any{"status": "success", "data": map[string]any{"resultType": "matrix",
					"result": []any{map[string]any{"metric": map[string]string{"__name__": metricCPU, "namespace": "else",
						"pod":       token,
						"container": tenant, "id": "/x"}, "values": [][2]any{{at(0).Unix(), "1"}, {at(30).Unix(), "9"}}}}}})
			case status == 200:
				good(w, r)
			default:
				_, _ = fmt.Fprintf(w, `{"status":"error","errorType":"x","error":%q}`, sent)
			}
		}))
		source, err := Prometheus(PrometheusAccess{Address: server.URL + "/" + inPath, Token: token,
			Headers: map[string]string{"X-Scope-OrgID": tenant}, Matchers: []string{`x!="` + token + `"`}})
		if err != nil {
			t.Fatal(err)
		}
		m := New(Options{Sources: []Source{source}, Worker: worker})
		m.Watch(t.Context(), v1alpha1.SideServer, ours("shop", "target", "n1", worker))
		r, _ := m.read(t.Context(), m.scope(), window(0, 30))
		said, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		everything := string(said) + fmt.Sprint(Check(t.Context(), source))
		for _, secret := range []string{token, tenant, inPath, "s3cr3t", "quoted"} {
			if strings.Contains(everything, secret) {
				t.Errorf("status %d: %q is in %s", status, secret, everything)
			}
		}
		server.Close()
	}
}
