package procstat

import (
	"strings"
	"testing"
	"time"
)

const (
	idA = "a0b1c2d3e4f5061728394a5b6c7d8e9fa0b1c2d3e4f5061728394a5b6c7d8e9f"
	idB = "b0b1c2d3e4f5061728394a5b6c7d8e9fa0b1c2d3e4f5061728394a5b6c7d8e9f"
)

func TestParseCgroup(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"version 1, containerd, cgroupfs": {"9:name=systemd:/kubepods/burstable/pod0d8f6b3e-1b5c-4a7e-9f1e-3c1a2b3c4d5e/" +
			idA + "\n8:pids:/kubepods/burstable/pod0d8f6b3e-1b5c-4a7e-9f1e-3c1a2b3c4d5e/" + idA + "\n", idA[:12]},
		"version 1, containerd, systemd": {"4:cpu,cpuacct:/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0d8f.slice/cri-containerd-" + idA + ".scope\n", idA[:12]},
		"version 1, CRI-O":               {"3:memory:/kubepods.slice/kubepods-podx.slice/crio-" + idA + ".scope\n", idA[:12]},
		"version 1, Docker":              {"3:memory:/kubepods/besteffort/pod1/" + idA + "\n", idA[:12]},
		"version 1, dockershim, systemd": {"3:memory:/kubepods.slice/kubepods-podx.slice/docker-" + idA + ".scope\n",
			idA[:12]},
		"version 1, a cgroup root":    {"3:memory:/node-1/kubepods/pod1/" + idA + "\n0::/\n", idA[:12]},
		"version 1 beside an empty 2": {"3:memory:/\n0::/\n", unknownContainer},
		"version 2, the host's view": {"0::/kubepods.slice/kubepods-podx.slice/cri-containerd-" + idA + ".scope\n",
			idA[:12]},
		"version 2, own group":          {"0::/\n", ownContainer},
		"version 2, below own group":    {"0::/init.scope\n", ownContainer},
		"version 2, another container":  {"0::/../cri-containerd-" + idA + ".scope\n", idA[:12]},
		"version 2, another's subgroup": {"0::/../crio-" + idA + ".scope/container\n", idA[:12]},
		"version 2, further up": {"0::/../../kubelet-kubepods-podx.slice/cri-containerd-" + idA + ".scope\n",
			idA[:12]},
		"version 2, no id":      {"0::/../../system.slice/ssh.service\n", unknownContainer},
		"a node in a container": {"0::/docker/" + idB + "/kubelet/kubepods/podx/" + idA + "\n", idA[:12]},
		"65 digits are no id":   {"3:memory:/kubepods/" + idA + "0\n", unknownContainer},
		"capitals are no id":    {"3:memory:/kubepods/" + strings.ToUpper(idA) + "\n", unknownContainer},
		"empty":                 {"", unknownContainer},
		"no colon":              {idA, unknownContainer},
	} {
		t.Run(name, func(t *testing.T) {
			if got := parseCgroup([]byte(c.text)); got != c.want {
				t.Errorf("container is %q, want %q", got, c.want)
			}
		})
	}
}

const statLine = "42 (a) b (c) S 7 42 42 0 -1 4194560 100 0 0 0 123 45 6 7 20 0 5 0 998877 1000000 300 18446744073709551615\n"

func TestParseProcessStat(t *testing.T) {
	got, ok := parseProcessStat([]byte(statLine))
	want := processStat{parent: 7, start: 998877, user: 1230 * time.Millisecond, system: 450 * time.Millisecond,
		childUser: 60 * time.Millisecond, childSystem: 70 * time.Millisecond}
	if !ok || got != want {
		t.Errorf("got %+v, %v, want %+v", got, ok, want)
	}
	for _, bad := range []string{"", "42 a S 1", "42 (a) S", strings.Replace(statLine, " 123 ", " -1 ", 1),
		strings.Replace(statLine, " 7 42 ", " x 42 ", 1)} {
		if got, ok := parseProcessStat([]byte(bad)); ok {
			t.Errorf("%q gives %+v", bad, got)
		}
	}
}

func TestParseSmallFiles(t *testing.T) {
	if ran, ok := parseSchedstat([]byte("1500000 200 3\n")); !ok || ran != 1500*time.Microsecond {
		t.Errorf("schedstat is %s, %v", ran, ok)
	}
	if _, ok := parseSchedstat([]byte("\n")); ok {
		t.Error("an empty schedstat is read")
	}
	if pages, ok := parseStatm([]byte("1000 300 20 1 0 50 0\n")); !ok || pages != 300 {
		t.Errorf("statm is %d, %v", pages, ok)
	}
	if _, ok := parseStatm([]byte("1000\n")); ok {
		t.Error("half a statm is read")
	}
	if p, ok := parsePressure([]byte("some avg10=0.00 avg60=0.00 avg300=0.00 total=233206\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=1\n")); !ok || p != 233206*time.Microsecond {
		t.Errorf("pressure is %s, %v", p, ok)
	}
	if _, ok := parsePressure([]byte("full total=1\n")); ok {
		t.Error("pressure without \"some\" is read")
	}
}

func TestParseHostStat(t *testing.T) {
	c, ok := parseHostStat([]byte("cpu  100 20 30 4000 5 6 7 8 9 10\ncpu0 1 1 1 1 1 1 1 1 0 0\ncpu1 1 1 1 1 1 1 1 1 0 0\nintr 5 6 7\n"))
	if !ok || c.CPUs != 2 || c.UserMs != 1200 || c.SystemMs != 300 || c.IdleMs != 40000 || c.IOWaitMs != 50 ||
		c.IRQMs != 60 || c.SoftIRQMs != 70 || c.StealMs != 80 {
		t.Errorf("counters are %+v, %v", c, ok)
	}
	for _, bad := range []string{"", "cpu  1 2 3\ncpu0 1\n", "cpu  1 2 3 4 5 6 7 8\n", "intr 5\n"} {
		if c, ok := parseHostStat([]byte(bad)); ok {
			t.Errorf("%q gives %+v", bad, c)
		}
	}
}

func FuzzParseCgroup(f *testing.F) {
	f.Add("0::/../cri-containerd-" + idA + ".scope\n")
	f.Add("3:memory:/kubepods/" + idA + "\n0::/\n")
	f.Fuzz(func(t *testing.T, text string) {
		got := parseCgroup([]byte(text))
		if got != ownContainer && got != unknownContainer && (len(got) != shortID || !strings.Contains(text, got)) {
			t.Errorf("%q is container %q", text, got)
		}
	})
}

func FuzzParseProcessStat(f *testing.F) {
	f.Add(statLine)
	f.Fuzz(func(t *testing.T, text string) {
		if s, ok := parseProcessStat([]byte(text)); ok &&
			(s.user < 0 || s.system < 0 || s.childUser < 0 || s.childSystem < 0 || s.parent < 0) {
			t.Errorf("%q gives %+v", text, s)
		}
	})
}

func FuzzParseSmallFiles(f *testing.F) {
	f.Add("1500000 200 3\n")
	f.Add("some avg10=0.00 total=233206\n")
	f.Fuzz(func(t *testing.T, text string) {
		if ran, ok := parseSchedstat([]byte(text)); ok && ran < 0 {
			t.Errorf("ran %s", ran)
		}
		if pages, ok := parseStatm([]byte(text)); ok && pages < 0 {
			t.Errorf("%d pages", pages)
		}
		if p, ok := parsePressure([]byte(text)); ok && p < 0 {
			t.Errorf("pressure %s", p)
		}
		bootID(text)
	})
}

func FuzzParseHostStat(f *testing.F) {
	f.Add("cpu  100 20 30 4000 5 6 7 8 9 10\ncpu0 1 1 1 1 1 1 1 1 0 0\n")
	f.Fuzz(func(t *testing.T, text string) {
		if c, ok := parseHostStat([]byte(text)); ok &&
			(c.CPUs < 1 || c.UserMs < 0 || c.SystemMs < 0 || c.IdleMs < 0 || c.StealMs < 0) {
			t.Errorf("%q gives %+v", text, c)
		}
	})
}
