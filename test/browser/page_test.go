//go:build browser

package browser

import (
	"bytes"
	"encoding/base64"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/analyse"
	"github.com/meshbench/kubectl-meshbench/pkg/render"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

var screenshots = flag.String("screenshots", "", "a directory to leave pictures of every page in")

func completed(t *testing.T, o fixture.Options) v1alpha1.Report {
	t.Helper()
	r, levels := fixture.Report(o)
	return analysed(t, r, levels)
}

func analysed(t *testing.T, r v1alpha1.Report, levels map[string][]v1alpha1.Level) v1alpha1.Report {
	t.Helper()
	done, err := analyse.Complete(analyse.Input{Report: r, Levels: levels})
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// written is the report's page as a file.
func written(t *testing.T, r v1alpha1.Report) string {
	t.Helper()
	format, err := render.ParseFormat("html")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := render.Write(&out, format, r, term.Style{}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func thesis() v1alpha1.Experiment {
	e := fixture.Named("exp2", 4)
	e.Spec.Question = "What latency does each arm have under the same constant load?"
	e.Spec.Factors.Rate = v1alpha1.Values[v1alpha1.Rate]{100, 200, 500, 1000}
	return e
}

func rates() v1alpha1.Experiment {
	e := fixture.Named("exp2", 6)
	e.Spec.Question = "What latency does each arm have under the same constant load?"
	for rate := v1alpha1.Rate(100); rate <= 1200; rate += 100 { // 3,000 samples in 30 s are 100 a second
		e.Spec.Factors.Rate = append(e.Spec.Factors.Rate, rate)
	}
	return e
}

func sizes() v1alpha1.Experiment {
	e := fixture.Named("exp3", 4)
	e.Spec.Factors.Rate = v1alpha1.Values[v1alpha1.Rate]{100}
	e.Spec.Factors.ResponseBytes = v1alpha1.Values[int64]{0, 1000, 10000}
	return e
}

const hostile = `</script><script>window.owned=1</script><img src=x onerror="window.owned=1">"'>` + "\u202e|" +
	`<svg onload=window.owned=1>`

func pages() map[string]func(*testing.T) v1alpha1.Report {
	slower := func(arm string, _ v1alpha1.Level, round int) time.Duration {
		base := time.Millisecond + time.Duration(round)*20*time.Microsecond
		switch arm {
		case "plain":
			return base
		case "ambient":
			return base * 5 / 4
		}
		return base * 2
	}
	of := func(o fixture.Options, edits ...func(*v1alpha1.Report)) func(*testing.T) v1alpha1.Report {
		return func(t *testing.T) v1alpha1.Report {
			t.Helper()
			r := completed(t, o)
			for _, edit := range edits {
				edit(&r)
			}
			return r
		}
	}
	return map[string]func(*testing.T) v1alpha1.Report{
		"closed": of(fixture.Options{Samples: 20_000, Edit: fixture.WithWindow}),
		"sweep": of(fixture.Options{Samples: 3000, Arms: []string{"plain", "sidecar", "ambient"}, Experiment: thesis(),
			Latency: slower,
			Edit:    fixture.WithWindow}),
		"sizes": of(fixture.Options{Arms: []string{"plain", "a", "b", "c", "d", "e", "f", "g"}, Experiment: sizes()}),
		"large": of(fixture.Options{Samples: 3000, Arms: []string{"plain", "sidecar", "ambient", "linkerd", "cilium"},
			Experiment: rates(),
			Latency:    slower, Edit: fixture.WithWindow}),
		"rounds":     of(fixture.Options{Experiment: fixture.Named("exp1", 40), Latency: slower}),
		"plain":      of(fixture.Options{}),
		"unmeasured": of(fixture.Options{Edit: func(t *v1alpha1.Trial) { t.Resources = nil }}),
		"hostile": of(fixture.Options{Samples: 3000, Arms: []string{"plain", hostile, strings.Repeat("long", 40)},
			Experiment: thesis(),
			Edit:       fixture.WithWindow}),
		"no data":  of(fixture.Options{}, withoutTrials),
		"too few":  of(fixture.Options{Experiment: fixture.Named("exp1", 2)}),
		"verdicts": of(fixture.Options{}, withVerdict),
		"everything": func(t *testing.T) v1alpha1.Report {
			t.Helper()
			r, levels := fixture.Everything()
			r = analysed(t, r, levels)
			withVerdict(&r)
			return r
		},
	}
}

func withoutTrials(r *v1alpha1.Report) { r.Trials, r.Cells, r.Comparisons = nil, nil, nil }

func withVerdict(r *v1alpha1.Report) {
	r.Verdicts = []v1alpha1.Verdict{{SLO: "p99 < 20ms",
		Address: v1alpha1.Address{Experiment: "exp1", Level: "default", Arm: "meshy"},
		Result:  v1alpha1.VerdictPass, Evidence: hostile}}
}

// problems of the page as it is laid out. Labels of a chart must be inside of
// it and not touch each other.
const layout = `(() => {
  const all = [], root = document.documentElement;
  if (root.scrollWidth > innerWidth) {
    const wide = [...document.querySelectorAll('body *')]
      .filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.scroll'));
    all.push('is ' + root.scrollWidth + ' wide, the window ' + innerWidth + ': ' +
      wide.slice(0, 3).map(e => e.outerHTML.slice(0, 120)));
  }
  for (const svg of document.querySelectorAll('.plot svg')) {
    if (!svg.checkVisibility()) continue;
    const name = svg.getAttribute('aria-label'), box = svg.getBoundingClientRect();
    if (box.width < 200 || box.height < 50) all.push(name + ' is ' + box.width + ' x ' + box.height);
    const marks = [...svg.querySelectorAll('.line,.dot,.bar,.area,.whisker')].map(m => m.getBoundingClientRect());
    if (!marks.some(b => b.width + b.height > 0)) all.push(name + ' shows nothing');
    const texts = [...svg.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()]);
    for (const [i, [text, a]] of texts.entries()) {
      if (a.left < box.left - 1 || a.right > box.right + 1 || a.top < box.top - 1 || a.bottom > box.bottom + 1)
        all.push(name + ': ' + text + ' is cut off');
      if (a.height < 8) all.push(name + ': ' + text + ' is only ' + a.height + ' high');
      for (const [other, b] of texts.slice(i + 1))
        if (a.left < b.right - 0.5 && b.left < a.right - 0.5 && a.top + 2 < b.bottom - 1 && b.top + 2 < a.bottom - 1)
          all.push(name + ': ' + text + ' lies over ' + other);
    }
  }
  return all;
})()`

func TestPagesAreReadableEverywhere(t *testing.T) {
	b := start(t)
	for name, of := range pages() {
		t.Run(name, func(t *testing.T) {
			b.t = t
			b.open(written(t, of(t)))
			for _, width := range []int{360, 1280} {
				for _, scheme := range []string{"light", "dark"} {
					b.show(width, scheme, "screen")
					for _, folded := range []string{"as it opens", "unfolded"} {
						if folded == "unfolded" {
							b.ask(`document.querySelectorAll('details').forEach(d => d.open = true), true`, new(bool))
						}
						var problems []string
						b.ask(layout, &problems)
						for _, p := range problems {
							t.Errorf("%d wide, %s, %s: %s", width, scheme, folded, p)
						}
						if folded == "as it opens" && (scheme == "light") == (width > 600) {
							b.picture(fmt.Sprintf("%s-%d-%s-%s", name, width, scheme, folded))
						}
						b.ask(`document.querySelectorAll('details.data').forEach(d => d.open = false), true`, new(bool))
					}
				}
			}
			for _, c := range b.complaints() {
				t.Error(c)
			}
		})
		b.t = t
	}
}

// embedded reads the report within the page, as anybody can who has it alone.
const embedded = `async () => {
	const e = document.getElementById('report');
	if (!e.dataset.encoding) return JSON.parse(e.textContent);
	const packed = Uint8Array.from(atob(e.textContent), c => c.charCodeAt(0));
	return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'))).json();
}`

func TestThePageSaysWhatTheReportSays(t *testing.T) {
	b := start(t)
	all := pages()
	for name, want := range map[string][]string{
		"closed": {"exp1", "meshy", "×1.50", "p99 latency", "CPU for 1,000 requests", "client-side proxy",
			"nodes/proxy is forbidden", "Latency by percentile"},
		"sweep": {"rate=1000", "Contents", "By requests per second asked for", "ambient", "×2.00",
			"Memory over the window"},
		"unmeasured": {"No trial of this report holds what containers and nodes used."},
		"rounds":     {"Throughput round by round"},
		"everything": {
			"unattributed", "node proxies", "waypoints", "control plane", "other tenants", "bottleneck of sidecar",
			"ceiling without a mesh", "HOLDS AT", "×0.43",
			"path both sides", "CPU/1K",
		},
	} {
		r := all[name](t)
		b.open(written(t, r))
		var text string
		b.ask(`document.querySelectorAll('details').forEach(d => d.open = true), document.body.innerText`, &text)
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s does not say %q", name, w)
			}
		}
		var run string
		b.ask(`(`+embedded+`)().then(r => r.run.id)`, &run)
		if run != r.Run.ID {
			t.Errorf("%s: the embedded report is of run %q", name, run)
		}
	}
}

func TestNamesCannotBecomeMarkup(t *testing.T) {
	b := start(t)
	for _, name := range []string{"hostile", "verdicts"} {
		r := pages()[name](t)
		b.open(written(t, r))
		var got struct {
			Owned   bool
			Scripts int
			Images  int
			Arm     string
		}
		b.ask(`(`+embedded+`)().then(r => ({Owned: 'owned' in window, Scripts: document.scripts.length,
			Images: document.images.length, Arm: r.arms[1].name}))`, &got)
		if got.Owned || got.Scripts != 1 || got.Images != 0 || got.Arm != r.Arms[1].Name {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// A page of many arms and levels is not a book.
func TestALargePageIsPrintedOnFewSheets(t *testing.T) {
	b := start(t)
	for _, name := range []string{"large", "sweep"} {
		b.open(written(t, pages()[name](t)))
		var printed struct{ Data string }
		b.call("Page.printToPDF", map[string]any{"paperWidth": 8.27, "paperHeight": 11.69}, &printed)
		pdf, err := base64.StdEncoding.DecodeString(printed.Data)
		if err != nil {
			t.Fatal(err)
		}
		sheets := len(regexp.MustCompile(`/Type\s*/Page\b`).FindAll(pdf, -1))
		t.Logf("%s: %d sheets", name, sheets)
		if sheets < 1 || sheets > 20 {
			t.Errorf("%s takes %d sheets", name, sheets)
		}
	}
}

// A link of the contents must open what is folded.
func TestContentsLeadToFoldedLevels(t *testing.T) {
	b := start(t)
	b.open(written(t, pages()["sweep"](t)))
	var before, after bool
	b.ask(`document.getElementById('level-4').checkVisibility()`, &before)
	b.ask(`document.querySelector('a[href="#level-4"]').click(),
		document.getElementById('level-4').closest('details').open`, &after)
	if before || !after {
		t.Errorf("the last level was open: %v, is open after its link: %v", before, after)
	}
}

// The checks themselves must be able to fail.
func TestABadPageIsNoticed(t *testing.T) {
	b := start(t)
	path := filepath.Join(t.TempDir(), "bad.html")
	bad := `<!DOCTYPE html><meta name="viewport" content="width=device-width"><div style="width:3000px">x</div>
<img src="http://example.org/x.png"><script>console.error("bad")</script>
<div class="plot" style="width:300px"><svg viewBox="0 0 400 200" aria-label="bad">
<text x="50" y="50">one</text><text x="52" y="50">two</text><text x="390" y="20">three</text></svg></div>`
	if err := os.WriteFile(path, []byte(bad), 0o644); err != nil {
		t.Fatal(err)
	}
	b.show(360, "light", "screen")
	b.open(path)
	var problems []string
	b.ask(layout, &problems)
	seen := strings.Join(append(problems, b.complaints()...), "\n")
	for _, want := range []string{"wide, the window", "shows nothing", "lies over", "cut off", "asks the network",
		"the console says"} {
		if !strings.Contains(seen, want) {
			t.Errorf("%q is not noticed in:\n%s", want, seen)
		}
	}
}

func (b *tab) picture(name string) {
	b.t.Helper()
	if *screenshots == "" {
		return
	}
	var picture struct{ Data string }
	b.call("Page.captureScreenshot", map[string]any{"format": "png", "captureBeyondViewport": true}, &picture)
	data, err := base64.StdEncoding.DecodeString(picture.Data)
	if err == nil {
		err = os.WriteFile(filepath.Join(*screenshots, strings.ReplaceAll(name, " ", "-")+".png"), data, 0o644)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}
