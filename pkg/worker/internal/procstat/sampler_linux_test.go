package procstat

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// tree is a /proc made of files.
type tree struct {
	t    testing.TB
	root string
}

func newTree(t testing.TB) tree {
	t.Helper()
	tr := tree{t, t.TempDir()}
	tr.write("proc/stat", "cpu  100 20 30 4000 5 6 7 8 9 10\ncpu0 1 1 1 1 1 1 1 1 0 0\n")
	tr.write("proc/pressure/cpu", "some avg10=0.00 avg60=0.00 avg300=0.00 total=5\n")
	tr.write("proc/sys/kernel/random/boot_id", "0123456789abcdef\n")
	tr.write("proc/uptime", "1 1\n")
	return tr
}

func (tr tree) write(name, text string) {
	tr.t.Helper()
	path := filepath.Join(tr.root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		tr.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		tr.t.Fatal(err)
	}
}

// process writes one with some threads; the ticks are of user time.
func (tr tree) process(pid int, cgroup string, start, ticks int, threads map[int]time.Duration) {
	tr.t.Helper()
	dir := "proc/" + strconv.Itoa(pid)
	tr.write(dir+"/stat", fmt.Sprintf("%d (x y) S 0 0 0 0 -1 0 0 0 0 0 %d 0 0 0 20 0 1 0 %d 0 0\n", pid, ticks, start))
	tr.write(dir+"/statm", "100 10 1 1 0 1 0\n")
	tr.write(dir+"/cgroup", cgroup)
	before, err := filepath.Glob(filepath.Join(tr.root, dir, "task", "*"))
	if err != nil {
		tr.t.Fatal(err)
	}
	for _, path := range before { // what stays may be open
		id, err := strconv.Atoi(filepath.Base(path))
		if err != nil {
			tr.t.Fatal(err)
		}
		if _, stays := threads[id]; !stays {
			if err := os.RemoveAll(path); err != nil {
				tr.t.Fatal(err)
			}
		}
	}
	for id, ran := range threads {
		tr.write(fmt.Sprintf("%s/task/%d/schedstat", dir, id), fmt.Sprintf("%d 1 1\n", ran.Nanoseconds()))
	}
}

func (tr tree) remove(pid int) {
	tr.t.Helper()
	if err := os.RemoveAll(filepath.Join(tr.root, "proc", strconv.Itoa(pid))); err != nil {
		tr.t.Fatal(err)
	}
}

func (tr tree) sampler(pid int) *Sampler {
	s := NewSampler(tr.root, pid, time.Unix(0, 0))
	tr.t.Cleanup(s.Close)
	return s
}

// of is the container with that id.
func of(t testing.TB, u wire.Usage, id string) wire.ContainerCounters {
	t.Helper()
	for _, c := range u.Containers {
		if c.ID == id {
			return c
		}
	}
	t.Fatalf("no container %q in %+v", id, u)
	return wire.ContainerCounters{}
}

func scope(id string) string { return "0::/../cri-containerd-" + id + ".scope\n" }

func TestSampleTellsContainersApart(t *testing.T) {
	for name, cgroup := range map[string]struct{ own, pause, proxy string }{
		"version 2": {"0::/\n", scope(strings.Repeat("e", 64)), scope(idA)},
		"version 1": {"1:cpu:/kubepods/" + idB + "\n", "1:cpu:/kubepods/" + strings.Repeat("e", 64) + "\n",
			"1:cpu:/kubepods/" + idA + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			tr := newTree(t)
			tr.write("sys/fs/cgroup/cpu.stat", "nr_periods 10\nnr_throttled 3\nthrottled_usec 5\n")
			tr.write("sys/fs/cgroup/cpu.max", "150000 100000\n")
			tr.process(1, cgroup.pause, 1, 0, nil)
			tr.process(7, cgroup.own, 2, 50, map[int]time.Duration{7: 501 * ms})
			tr.process(12, cgroup.proxy, 3, 10, map[int]time.Duration{12: 60 * ms, 13: 45 * ms})
			s := tr.sampler(7)
			first := s.Sample()
			if first.Hidden != "" || first.Node == nil || first.Node.UserMs != 1200 || first.Node.Machine != "01234567" ||
				*first.Node.PressureUs != 5 {
				t.Errorf("the first sample is %+v, node %+v", first, first.Node)
			}
			own, proxy := of(t, first, ""), of(t, first, idA[:12])
			if own.CPUNs != (501*ms).Nanoseconds() || *own.LimitCores != 1.5 || *own.Periods != 10 || *own.Throttled != 3 {
				t.Errorf("own container is %+v", own)
			}
			if page := int64(os.Getpagesize()); proxy.CPUNs != (105*ms).Nanoseconds() || proxy.UserMs != 100 ||
				proxy.RSSBytes != 10*page || proxy.BusiestNs != nil || proxy.LimitCores != nil {
				t.Errorf("the proxy is %+v", proxy)
			}
			// A thread ends, another is busy, one begins.
			tr.process(12, cgroup.proxy, 3, 30, map[int]time.Duration{12: 260 * ms, 14: 20 * ms})
			if proxy = of(t, s.Sample(), idA[:12]); proxy.CPUNs != (325*ms).Nanoseconds() ||
				*proxy.BusiestNs != (200*ms).Nanoseconds() {
				t.Errorf("then the proxy is %+v, want 325 ms and a busiest thread of 200 ms", proxy)
			}
			// The container is restarted: a new id, and the old one keeps its figures.
			tr.remove(12)
			tr.process(40, strings.ReplaceAll(cgroup.proxy, idA, strings.Repeat("f", 64)), 9, 2,
				map[int]time.Duration{40: 20 * ms})
			last := s.Sample()
			if old, fresh := of(t, last, idA[:12]), of(t, last, strings.Repeat("f", 12)); old.CPUNs != (325*ms).Nanoseconds() ||
				old.RSSBytes != 0 || fresh.CPUNs != (20*ms).Nanoseconds() {
				t.Errorf("after a restart the old instance is %+v, the new one %+v", old, fresh)
			}
			// The pid goes to another process of the same container.
			tr.process(7, cgroup.own, 99, 3, map[int]time.Duration{7: 30 * ms})
			if own := of(t, s.Sample(), ""); own.CPUNs != (531 * ms).Nanoseconds() {
				t.Errorf("with a pid used again the own container is %+v, want 531 ms", own)
			}
		})
	}
}

// What the runtime hides is missing with its reason, and nothing is guessed.
func TestSampleSaysWhatIsHidden(t *testing.T) {
	for name, c := range map[string]struct {
		set  func(tree)
		pid  int
		says string
		own  bool
	}{
		"no shared process namespace": {func(tr tree) { tr.process(1, "0::/\n", 1, 5, nil) }, 1,
			"do not share a process namespace", true},
		"containers look alike": {func(tr tree) {
			tr.process(1, "0::/\n", 1, 0, nil)
			tr.process(7, "0::/\n", 1, 5, nil)
		}, 7, "does not tell containers apart", false},
		"no groups at all": {func(tr tree) {
			tr.process(1, "", 1, 0, nil)
			tr.process(7, "", 1, 5, nil)
		}, 7, "does not tell containers apart", false},
		"other users' processes are hidden": {func(tr tree) { tr.process(7, "0::/\n", 1, 5, nil) }, 7,
			"hides the processes of other containers", true},
		"no process": {func(tree) {}, 7, "shows no process", false},
	} {
		t.Run(name, func(t *testing.T) {
			tr := newTree(t)
			c.set(tr)
			u := tr.sampler(c.pid).Sample()
			if !strings.Contains(u.Hidden, c.says) || (len(u.Containers) == 1) != c.own {
				t.Errorf("hidden is %q with containers %+v; want %q, own %v", u.Hidden, u.Containers, c.says, c.own)
			}
			if u.Node == nil {
				t.Error("the node is missing too")
			}
		})
	}
	u := NewSampler(t.TempDir(), 7, time.Now()).Sample()
	if !strings.Contains(u.Hidden, "hides /proc") || u.Node != nil || u.Containers != nil {
		t.Errorf("without /proc the sample is %+v", u)
	}
}

// helperVariable makes the test program a process to be looked at.
const helperVariable = "PROCSTAT_HELPER"

func TestMain(m *testing.M) {
	what, ms, _ := strings.Cut(os.Getenv(helperVariable), " ")
	n, _ := strconv.Atoi(ms)
	switch what {
	case "":
		os.Exit(m.Run())
	case "burn": // as much CPU time as asked for, in a thread that ends
		done := make(chan struct{})
		go func() {
			runtime.LockOSThread() // never unlocked: the thread ends with it
			for burned() < time.Duration(n)*time.Millisecond {
			}
			close(done)
		}()
		<-done
	case "fork": // a child that burns, and is waited for
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), helperVariable+"=burn "+ms)
		c.Stdin = os.Stdin
		out, err := c.StdoutPipe()
		if err != nil || c.Start() != nil {
			os.Exit(1)
		}
		if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
			os.Exit(1)
		}
		_ = c.Process.Kill()
		_ = c.Wait()
	case "threads":
		for range n {
			go func() { runtime.LockOSThread(); select {} }()
		}
	}
	fmt.Println(burned().Nanoseconds())
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
}

// burned is the CPU time of this process and of the children it waited for.
func burned() time.Duration {
	var sum time.Duration
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var r syscall.Rusage
		_ = syscall.Getrusage(who, &r)
		sum += time.Duration(r.Utime.Nano() + r.Stime.Nano())
	}
	return sum
}

// helper starts a process and shows it in the tree as one of a container. It
// returns the CPU time that the process says it had used when it went to sleep.
func (tr tree) helper(what, cgroup string) time.Duration {
	tr.t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), helperVariable+"="+what)
	in, err := c.StdinPipe()
	if err != nil {
		tr.t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		tr.t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		tr.t.Fatal(err)
	}
	tr.t.Cleanup(func() { _ = in.Close(); _ = c.Wait() })
	tr.show(c.Process.Pid, cgroup)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		tr.t.Fatal(err)
	}
	ns, err := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
	if err != nil {
		tr.t.Fatal(err)
	}
	return time.Duration(ns)
}

// show puts a real process into the tree, with a group of its own.
func (tr tree) show(pid int, cgroup string) {
	tr.t.Helper()
	dir := fmt.Sprintf("proc/%d", pid)
	tr.write(dir+"/cgroup", cgroup)
	for _, name := range []string{"stat", "statm", "task"} {
		if err := os.Symlink(filepath.Join("/", dir, name), filepath.Join(tr.root, dir, name)); err != nil {
			tr.t.Fatal(err)
		}
	}
}

// Real processes: what they say they used is what is counted, to the bound that
// the ledger states. Both look at the same clock of the kernel.
func TestSampleAgreesWithTheKernel(t *testing.T) {
	for name, what := range map[string]string{
		"a thread that ended":              "burn 150",
		"a child that lived between looks": "fork 150",
	} {
		t.Run(name, func(t *testing.T) {
			tr := newTree(t)
			tr.process(1, scope(strings.Repeat("e", 64)), 1, 0, nil)
			tr.show(os.Getpid(), "0::/\n")
			s := tr.sampler(os.Getpid())
			s.Sample()
			want := tr.helper(what, scope(idA))
			got := time.Duration(of(t, s.Sample(), idA[:12]).CPUNs)
			// The process goes on for a moment after it spoke.
			const ticks, after = 4 * tick, 20 * ms
			if got < want-ticks || got > want+after {
				t.Errorf("counted %s, the process itself says %s", got, want)
			}
		})
	}
}

// BenchmarkSample is of a pod with three other processes of 20 threads each.
func BenchmarkSample(b *testing.B) {
	tr := newTree(b)
	for _, name := range []string{"stat", "pressure/cpu"} {
		path := filepath.Join(tr.root, "proc", name)
		if err := os.Remove(path); err != nil {
			b.Fatal(err)
		}
		if err := os.Symlink(filepath.Join("/proc", name), path); err != nil {
			b.Fatal(err)
		}
	}
	tr.process(1, scope(strings.Repeat("e", 64)), 1, 0, nil)
	tr.show(os.Getpid(), "0::/\n")
	for range 3 {
		tr.helper("threads 20", scope(idA))
	}
	s := tr.sampler(os.Getpid())
	s.Sample()
	out := wire.NewWriter(discard{}, wire.Key{})
	before := burned()
	b.ReportAllocs()
	for b.Loop() {
		u := s.Sample()
		if u.Hidden != "" {
			b.Fatal(u.Hidden)
		}
		if err := out.Write(wire.Frame{Type: wire.TypeUsage, Usage: &u}); err != nil {
			b.Fatal(err)
		}
	}
	// Twice a second, as a target does.
	b.ReportMetric(2*(burned()-before).Seconds()/float64(b.N)*100, "%core")
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
