package loopback_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/render"
	"github.com/meshbench/kubectl-meshbench/test/loopback"
)

// steering is what would rename a terminal's window, wipe it, and write over a line.
const steering = "\x1b]0;owned\x07\x1b[2J\r\u009b31mtext"

// steers is where a text holds what steers a terminal; -1 if nowhere.
func steers(text string) int {
	return strings.IndexFunc(text, func(c rune) bool { return c != '\n' && c != '\t' && unicode.IsControl(c) })
}

// Whatever a stranger may write, wherever it is shown, steers no terminal: what the
// API server, webhooks, schedulers, runtimes and the makers of nodes say.
func TestStrangersSteerNoTerminal(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(*loopback.Scenario){
		"nothing but names": func(*loopback.Scenario) {},
		"a webhook refuses": func(s *loopback.Scenario) {
			s.Admission = []loopback.Admission{{Code: 403, Message: "admission webhook denied: " + steering}}
		},
		"a webhook fails later": func(s *loopback.Scenario) {
			s.Admission = []loopback.Admission{{FromLoadPod: 2, Code: 403, Message: "admission webhook denied: " + steering}}
		},
		"a container waits": func(s *loopback.Scenario) {
			s.Waiting = &corev1.ContainerStateWaiting{Reason: "ErrImagePull" + steering, Message: steering}
		},
		"a scheduler waits": func(s *loopback.Scenario) {
			s.Place.Load, s.Place.Message = "", steering
			s.Place.Events = []loopback.Said{{Reason: "NotTriggerScaleUp" + steering, Message: steering, From: steering}}
		},
		"a gateway fails": func(s *loopback.Scenario) {
			s.Faults = []loopback.Fault{{Path: "/api/v1/namespaces/plain/pods", Method: "PATCH", Code: 422,
				ContentType: "application/json",
				Body: `{"kind":"Status","apiVersion":"v1","status":"Failure",` +
					`"code":422,"reason":"Invalid","message":"\u001b[2J\u0007\r no"}`}}
		},
		"a version lies": func(s *loopback.Scenario) {
			s.Faults = []loopback.Fault{{Path: "/version", ContentType: "application/json", Code: 200,
				Body: `{"major":"1","minor":"37","gitVersion":"v1.37.0\u001b]0;owned\u0007\r"}`}}
		},
		"a version is none": func(s *loopback.Scenario) {
			s.Faults = []loopback.Fault{{Path: "/version", Code: 500, Body: steering}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scenario := loopback.Sane()
			for i := range scenario.Nodes {
				info := &scenario.Nodes[i].Status.NodeInfo
				info.KernelVersion, info.ContainerRuntimeVersion, info.KubeletVersion = steering, steering, steering
			}
			edit(&scenario)
			l := open(t, scenario)
			l.patience = 30 * time.Second // what waits for ever has said why long before
			written := t.TempDir()
			args := small("--scale-up-timeout", "2s")
			for _, format := range []string{"table", "wide", "markdown", "csv", "prometheus", "benchstat", "junit", "yaml",
				"fortio"} {
				args = append(args, "-o", format+"="+filepath.Join(written, format))
			}
			for _, call := range [][]string{args, {"check"}, {"check", "-o", "json"}, {"cleanup"}, {"runs"}} {
				o := l.call(call...)
				for stream, text := range map[string]string{"standard output": o.out, "standard error": o.errOut} {
					if at := steers(text); at >= 0 {
						t.Errorf("%s: %s holds %q", call[0], stream, text[max(0, at-80):min(len(text), at+40)])
					}
				}
			}
			for _, format := range render.Formats() {
				text, err := os.ReadFile(filepath.Join(written, format))
				if err != nil {
					continue // there is no report, or it was not asked for
				}
				if at := steers(string(text)); at >= 0 {
					t.Errorf("-o %s holds %q", format, text[max(0, at-80):min(len(text), at+40)])
				}
			}
		})
	}
}
