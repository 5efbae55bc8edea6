//go:build browser

package browser

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/core/mesh"
	"github.com/meshbench/kubectl-meshbench/pkg/core/survey"
	show "github.com/meshbench/kubectl-meshbench/pkg/render/survey"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// surveyPage is the survey's page as a file.
func surveyPage(t *testing.T, era survey.Era, names ...string) string {
	t.Helper()
	all, err := survey.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := mesh.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	view, err := show.Choose(all, catalogue, era, names)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := show.Write(&out, "html", view, term.Style{}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "survey.html")
	if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// Text of every cell must stand out from what is behind it, and lie inside of
// its cell; hops of a drawing must hold their text.
const surveyLayout = `(() => {
  const all = [];
  if (document.documentElement.scrollWidth > innerWidth) all.push('is ' + document.documentElement.scrollWidth + ' wide, the window ' + innerWidth);
  const rgb = c => c.match(/[\d.]+/g).map(Number);
  const lum = c => { const [r, g, b] = c.map(v => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4 }); return 0.2126 * r + 0.7152 * g + 0.0722 * b };
  const behind = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c.slice(0, 3) } return [255, 255, 255] };
  for (const e of document.querySelectorAll('td, th, dd, dt, p, figcaption, .card span, .tag')) {
    if (!e.checkVisibility() || !e.textContent.trim()) continue;
    const a = lum(rgb(getComputedStyle(e).color).slice(0, 3)), b = lum(behind(e));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) all.push(e.tagName + '.' + e.className + ' has contrast ' + ratio.toFixed(1) + ': ' + e.textContent.slice(0, 30));
    if (e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0) all.push(e.tagName + ' is cut off: ' + e.textContent.slice(0, 30));
  }
  for (const svg of document.querySelectorAll('svg')) {
    const box = svg.getBoundingClientRect(), name = svg.getAttribute('aria-label');
    if (box.width < 150 || box.height < 150) all.push(name + ' is ' + box.width + ' x ' + box.height);
    for (const t of svg.querySelectorAll('text')) {
      const b = t.getBoundingClientRect();
      if (b.left < box.left || b.right > box.right || b.top < box.top || b.bottom > box.bottom) all.push(name + ': ' + t.textContent + ' is cut off');
    }
  }
  return all.slice(0, 12);
})()`

func TestTheSurveyIsReadableEverywhere(t *testing.T) {
	b := start(t)
	for name, path := range map[string]string{"survey": surveyPage(t, survey.Today),
		"survey-2022": surveyPage(t, survey.In2022), "survey-mesh": surveyPage(t, survey.Today, "istio-ambient")} {
		b.open(path)
		for _, width := range []int{400, 1280} {
			for _, scheme := range []string{"light", "dark"} {
				b.show(width, scheme, "screen")
				for _, folded := range []string{"folded", "unfolded"} {
					b.ask(fmt.Sprintf(`document.querySelectorAll('details').forEach(d => d.open = %t), true`, folded == "unfolded"),
						new(bool))
					var problems []string
					b.ask(surveyLayout, &problems)
					for _, p := range problems {
						t.Errorf("%s, %d wide, %s, %s: %s", name, width, scheme, folded, p)
					}
					if folded == "folded" {
						b.picture(fmt.Sprintf("%s-%d-%s", name, width, scheme))
					}
				}
			}
		}
		for _, c := range b.complaints() {
			t.Errorf("%s: %s", name, c)
		}
	}
}

func TestTheSurveySaysWhatChanged(t *testing.T) {
	b := start(t)
	b.open(surveyPage(t, survey.Today))
	var text string
	b.ask(`document.querySelectorAll('details').forEach(d => d.open = true), document.body.innerText`, &text)
	for _, want := range []string{"graduated 2023-07-12", "not in 2022", "no longer holds",
		"Note that UDP protocol is not currently supported by the proxy.", "F6", "FR2 security"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	var tables int
	b.ask(`document.querySelectorAll('section > .scroll > table').length`, &tables)
	if tables != 9 {
		t.Errorf("%d tables, want 9: the eight of 2022, and what was measured", tables)
	}
}

func TestABadSurveyIsNoticed(t *testing.T) {
	b := start(t)
	path := filepath.Join(t.TempDir(), "bad.html")
	bad := `<!DOCTYPE html><meta name="viewport" content="width=device-width"><div style="width:3000px">x</div>
<table><tr><td style="color:#ddd;background:#fff">faint</td></tr></table><p style="width:9px;overflow:hidden">unbreakable</p>
<svg width="40" height="40" aria-label="small"><text x="30" y="20">outside</text></svg>`
	if err := os.WriteFile(path, []byte(bad), 0o644); err != nil {
		t.Fatal(err)
	}
	b.show(400, "light", "screen")
	b.open(path)
	var problems []string
	b.ask(surveyLayout, &problems)
	seen := strings.Join(problems, "\n")
	for _, want := range []string{"wide, the window", "has contrast", "P is cut off", "small is 40",
		"outside is cut off"} {
		if !strings.Contains(seen, want) {
			t.Errorf("%q is not noticed in:\n%s", want, seen)
		}
	}
}
