package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/cluster"
)

// unreleased runs a build that no image was published for. No cluster may be asked.
func unreleased(t *testing.T, connect func() (*cluster.Client, error), args ...string) (stdout, stderr string,
	code int) {
	t.Helper()
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	var out, log bytes.Buffer
	a := newApp("dev", genericiooptions.IOStreams{In: strings.NewReader(""), Out: &out, ErrOut: &log})
	if connect != nil {
		a.connect = connect
	}
	a.args = args
	command := newRoot(a)
	command.SetArgs(args)
	err := command.ExecuteContext(context.Background())
	if err != nil {
		log.WriteString(err.Error())
	}
	return out.String(), log.String(), exitCode(err)
}

// What was typed wrongly is said before anything about images and clusters: whoever
// fixes one thing after the other begins with what he can see.
func TestWrongInputComesFirst(t *testing.T) {
	nowhere := filepath.Join(t.TempDir(), "nowhere")
	full := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(full, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		says string
	}{
		{"exp1|--slo|p99 < fast", "fast"},
		{"exp1|--set|load.cpuLimt=4", "cpuLimt"},
		{"exp1|--set|load.cpuLimit=1E999999999", "cpuLimit"},
		{"exp1|-o|xml", `"xml"`},
		{"exp1|-o|json=", "no file is named"},
		{"exp1|-o|jsonpath={.run", "jsonpath"},
		{"exp1|--color|blue", "--color"},
		{"exp1|-o|json|-o|yaml", "only one format"},
		{"exp1|--dry-run=client|-o|csv", `"csv"`},
		{"exp1|--dry-run=server", "check"},
		{"exp1|--dry-run=maybe", "--dry-run"},
		{"exp1|--rate|fast", "fast"},
		{"exp1|--image|no image", "--image"},
		{"exp1|--image|", "--image"},
		{"exp1|--pod-label|x", "--pod-label"},
		{"exp1|--baseline|Plain", "Plain"},
		{"exp1|--prometheus-url|https://p|--prometheus-token|file:" + nowhere, "--prometheus-token"},
		{"exp1|--prometheus-url|https://p|--prometheus-token|secret:alone", "--prometheus-token"},
		{"exp1|--prometheus-url|https://p|--prometheus-token|secret:a/:key", "--prometheus-token"},
		{"exp1|--prometheus-url|https://p|--prometheus-ca|" + nowhere, "--prometheus-ca"},
		{"exp1|--prometheus-url|https://p|--prometheus-header|X-A=@" + nowhere, "--prometheus-header X-A"},
		{"run|exp1|-f|" + nowhere, nowhere},
		{"run|--resume|no-such-run|--slo|p99 < fast", "fast"},
		{"run|--resume|no-such-run", "no-such-run"},
		{"check|exp7", "exp7"},
		{"check|-o|xml", `"xml"`},
		{"check|--placement|upstairs", "upstairs"},
		{"cleanup|--dry-run=maybe", "--dry-run"},
		{"cleanup|--timeout|0s", "--timeout"},
		{"cleanup|--run|no run", "--run"},
		{"cleanup|--namespaces|Plain", "Plain"},
		{"rbac|--namespaces|Plain", "Plain"},
		{"init|--mesh|istoi|--apply", "istoi"},
		{"runs|-o|xml", `"xml"`},
		{"runs|delete|no-such-run", "no-such-run"},
		{"images|-o|xml", `"xml"`},
		{"version|-o|xml", `"xml"`},
		{"survey|-o|xml", `"xml"`},
		{"report|" + nowhere + "|--slo|p99 < fast", "fast"},
		{"report|" + nowhere + "|-o|xml", `"xml"`},
		{"report|" + full + "|" + full + "|-o|csv", `"csv"`},
		{"compare|" + nowhere + "|" + nowhere + "|-o|xml", `"xml"`},
		{"trend|" + nowhere + "|-o|xml", `"xml"`},
		{"estimate|" + nowhere + "|-o|xml", `"xml"`},
		{"import|" + nowhere + "|-o|xml", `"xml"`},
	} {
		never := func() (*cluster.Client, error) {
			t.Errorf("%s: the cluster is asked", c.args)
			return nil, context.Canceled
		}
		out, log, code := unreleased(t, never, strings.Split(c.args, "|")...)
		if code != exitUsage || out != "" || !strings.Contains(log, c.says) || strings.Contains(log, "is no release") {
			t.Errorf("%s: exit code %d, %q\n%s\nwant 2 and %q", c.args, code, out, log, c.says)
		}
	}
}

// aKubeconfig is one of a cluster where nobody listens.
func aKubeconfig(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(path, []byte("apiVersion: v1\nkind: Config\n"+
		"clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}]\n"+
		"contexts: [{name: x, context: {cluster: c}}]\ncurrent-context: x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A kubeconfig that is not there is the user's to name again, and comes before the
// image as well.
func TestAWrongKubeconfigComesBeforeTheImage(t *testing.T) {
	good, dir := aKubeconfig(t), t.TempDir()
	for _, command := range []string{"exp1", "check", "cleanup", "run exp1"} {
		for flags, says := range map[string]string{
			"--kubeconfig " + filepath.Join(dir, "nowhere"): "nowhere",
			"--kubeconfig " + good + " --context tippo":     "tippo",
		} {
			_, log, code := unreleased(t, nil, strings.Fields(command+" "+flags)...)
			if code != exitUsage || !strings.Contains(log, says) || strings.Contains(log, "is no release") {
				t.Errorf("%s %s: exit code %d\n%s", command, flags, code, log)
			}
		}
	}
	_, log, code := unreleased(t, nil, "exp1", "--kubeconfig", good)
	if code != exitUsage || !strings.Contains(log, "is no release") {
		t.Errorf("without an image: exit code %d\n%s", code, log)
	}
}

// Every -o of every command takes FORMAT=FILE, and completes its own formats.
func TestEveryOutputMayBeAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "out")
	for _, args := range []string{"version", "runs", "list", "survey"} {
		out, log, code := invoke(t, "", args, "-o", "json="+file, "-o", "table")
		if args == "list" {
			out, log, code = invoke(t, "", args, "-o", "yaml="+file, "-o", "name")
		}
		text, err := os.ReadFile(file)
		if code != exitOK || err != nil || len(text) == 0 || out == "" && args != "runs" {
			t.Errorf("%s: exit code %d, %d bytes in the file, %v, standard output %q\n%s", args, code, len(text), err, out, log)
		}
		if err := os.Remove(file); err != nil {
			t.Error(err)
		}
	}
	for command, want := range map[string]string{"version": "yaml", "images": "yaml", "check": "short", "trend": "html",
		"exp1": "jsonpath="} {
		out, _, _ := invoke(t, "", "__complete", command, "-o", "")
		if !strings.Contains(out, want) {
			t.Errorf("%s -o completes %q, want %s among it", command, out, want)
		}
	}
}
