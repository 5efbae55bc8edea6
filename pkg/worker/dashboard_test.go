package worker_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/pkg/worker/internal/loadgen"
	"github.com/meshbench/kubectl-meshbench/pkg/worker/internal/target"
)

type board struct {
	UID        string  `json:"uid"`
	Title      string  `json:"title"`
	Panels     []panel `json:"panels"`
	Templating struct {
		List []struct{ Name, Definition string }
	} `json:"templating"`
}

type panel struct {
	ID          int    `json:"id"`
	Title       string `json:"title"`
	Description string `json:"description"`
	Type        string `json:"type"`
	GridPos     struct{ X, Y, W, H int }
	FieldConfig struct{ Defaults struct{ Unit string } }
	Targets     []struct{ RefID, Expr, LegendFormat string }
}

func read(t *testing.T) board {
	t.Helper()
	data, err := os.ReadFile("../../manifests/dashboards/meshbench.json")
	if err != nil {
		t.Fatal(err)
	}
	var b board
	if err := json.Unmarshal(data, &b); err != nil {
		t.Fatal(err)
	}
	return b
}

func TestEveryPanelCanBeRead(t *testing.T) {
	b := read(t)
	if b.UID == "" || b.Title == "" || len(b.Panels) < 8 {
		t.Fatalf("uid %q, title %q, %d panels", b.UID, b.Title, len(b.Panels))
	}
	seen := map[int]bool{}
	for _, p := range b.Panels {
		if p.Title == "" || p.Description == "" || p.FieldConfig.Defaults.Unit == "" || p.Type == "" || len(p.Targets) == 0 ||
			seen[p.ID] {
			t.Errorf("panel %d %q lacks something, or its id is not its own", p.ID, p.Title)
		}
		if p.GridPos.W <= 0 || p.GridPos.H <= 0 || p.GridPos.X+p.GridPos.W > 24 {
			t.Errorf("panel %q does not fit: %+v", p.Title, p.GridPos)
		}
		seen[p.ID] = true
	}
}

// labels are those that a metric has, by its name.
type labels map[string]map[string]bool

// series takes the names of all series of a text exposition.
func (l labels) series(t *testing.T, text io.Reader) {
	t.Helper()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(text)
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range families {
		names := []string{name}
		if f.GetType() == dto.MetricType_HISTOGRAM {
			names = []string{name + "_bucket", name + "_sum", name + "_count"}
		}
		for _, n := range names {
			if l[n] == nil {
				// What every scrape job of pods adds.
				l[n] = map[string]bool{"namespace": true, "pod": true}
			}
			if strings.HasSuffix(n, "_bucket") {
				l[n]["le"] = true
			}
			for _, m := range f.GetMetric() {
				for _, pair := range m.GetLabel() {
					l[n][pair.GetName()] = true
				}
			}
		}
	}
}

// existing are the metrics of a worker in either mode, and of a real kubelet.
func existing(t *testing.T) labels {
	t.Helper()
	found := labels{}
	server, err := target.Listen(t.Context(),
		target.Options{Addresses: map[v1alpha1.Protocol]string{v1alpha1.ProtocolHTTP1: "127.0.0.1:0"},
			Metrics: "127.0.0.1:0", Version: "v1"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	metrics := loadgen.NewMetrics("v1")
	length := func(d time.Duration) v1alpha1.Duration { return v1alpha1.Duration{Duration: d} }
	_, err = loadgen.Run(t.Context(), wire.LoadSpec{
		Version: wire.Version, Clients: 1, Target: server.Addr(v1alpha1.ProtocolHTTP1), Protocol: v1alpha1.ProtocolHTTP1,
		Rate:        100,
		Connections: 1,
		Window:      length(200 * time.Millisecond), RequestTimeout: length(time.Second), ReadyTimeout: length(time.Second),
	}, os.DirFS(t.TempDir()), loadgen.Observer{
		Probe: func(wire.Probe) error { return nil }, Started: func(wire.Started) error { return nil },
		Second: func(v1alpha1.Second) error { return nil }, Usage: func() error { return nil }, Metrics: metrics,
	})
	if err != nil {
		t.Fatal(err)
	}
	families, err := metrics.Registry().Gather()
	if err != nil {
		t.Fatal(err)
	}
	var load bytes.Buffer
	for _, f := range families {
		if _, err := expfmt.MetricFamilyToText(&load, f); err != nil {
			t.Fatal(err)
		}
	}
	found.series(t, &load)
	response, err := http.Get("http://" + server.MetricsAddr() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	found.series(t, response.Body)
	kubelet, err := os.Open("../plugin/internal/meter/testdata/cadvisor.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = kubelet.Close() }()
	found.series(t, kubelet)
	return found
}

var (
	selector = regexp.MustCompile(`\b((?:meshbench|container|node|machine)_[a-z0-9_]+)(?:\{([^}]*)\})?`)
	matched  = regexp.MustCompile(`(\w+)\s*(?:=~|!~|!=|=)\s*"[^"]*"`)
	grouped  = regexp.MustCompile(`\bby \(([^)]*)\)`)
	shown    = regexp.MustCompile(`\{\{(\w+)\}\}`)
)

// unknown lists what an expression asks for and no registry has.
func unknown(expr, legend string, have labels) []string {
	var bad []string
	all := map[string]bool{}
	selectors := selector.FindAllStringSubmatch(expr, -1)
	if len(selectors) == 0 {
		bad = append(bad, "no metric")
	}
	for _, s := range selectors {
		known := have[s[1]]
		if known == nil {
			bad = append(bad, s[1])
		}
		maps.Copy(all, known)
		for _, m := range matched.FindAllStringSubmatch(s[2], -1) {
			if !known[m[1]] {
				bad = append(bad, s[1]+"{"+m[1]+"}")
			}
		}
	}
	kept := map[string]bool{}
	for _, g := range grouped.FindAllStringSubmatch(expr, -1) {
		for _, label := range strings.Split(g[1], ",") {
			label = strings.TrimSpace(label)
			kept[label] = true
			if !all[label] {
				bad = append(bad, "by "+label)
			}
		}
	}
	for _, s := range shown.FindAllStringSubmatch(legend, -1) {
		if !kept[s[1]] {
			bad = append(bad, "legend "+s[1])
		}
	}
	return bad
}

func TestEveryExpressionAsksForWhatExists(t *testing.T) {
	have := existing(t)
	b := read(t)
	for _, p := range b.Panels {
		for _, target := range p.Targets {
			if bad := unknown(target.Expr, target.LegendFormat, have); len(bad) > 0 {
				t.Errorf("panel %q: nothing has %v: %s", p.Title, bad, target.Expr)
			}
			if strings.Count(target.Expr, "(") != strings.Count(target.Expr, ")") {
				t.Errorf("panel %q: %s is not balanced", p.Title, target.Expr)
			}
		}
	}
	for _, v := range b.Templating.List {
		if v.Definition != "" {
			if bad := unknown(v.Definition, "", have); len(bad) > 0 {
				t.Errorf("variable %s: nothing has %v", v.Name, bad)
			}
		}
	}
	// The check itself can fail.
	got := unknown(`sum by (arm) (rate(meshbench_requests_total{kode="ok"}[1m])) / meshbench_nothing`, "{{pod}}", have)
	if want := []string{"meshbench_requests_total{kode}", "meshbench_nothing", "by arm", "legend pod"}; !slices.Equal(got,
		want) {
		t.Errorf("a bad expression shows %v, want %v", got, want)
	}
}
