package procstat

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// Sampler reads the CPU time and the memory of every process in the pod, by
// container, and the CPU time of the whole node. It needs no capability, only
// that the pod's containers share a process namespace. It holds three files
// open per process and one per thread, and is not safe for concurrent use.
type Sampler struct {
	root  string
	files fs.FS
	pid   int
	since time.Time

	buffer    []byte
	listing   *os.File
	stat      *os.File
	pressure  *os.File
	machine   string
	own       string // the worker's container, as other processes show it
	processes map[int]*process
	readings  []reading
	ledger    *ledger
}

// process is a process with its files open.
type process struct {
	reading
	stat, statm *os.File
	tasks       *os.File
	threads     map[int]*thread
	// ended is the time of threads that are gone.
	ended time.Duration
	round int
}

type thread struct {
	schedstat *os.File
	ran       time.Duration
	round     int
}

// NewSampler returns a Sampler of the file system at root, for the process with
// that id. It begins to count at now.
func NewSampler(root string, pid int, now time.Time) *Sampler {
	const most = 4 << 10 // no file read here is longer, but /proc/stat of many processors
	s := &Sampler{
		root: root, files: os.DirFS(root), pid: pid, since: now.UTC(), buffer: make([]byte, most),
		processes: map[int]*process{}, ledger: newLedger(),
	}
	s.machine = bootID(text(s.files, "proc/sys/kernel/random/boot_id"))
	// What cannot be opened is hidden: reading it tells.
	s.listing, _ = os.Open(s.path("proc"))
	s.stat, _ = os.Open(s.path("proc/stat"))
	s.pressure, _ = os.Open(s.path("proc/pressure/cpu"))
	s.own = ownContainer
	if data, err := os.ReadFile(s.path("proc", strconv.Itoa(pid), "cgroup")); err == nil {
		s.own = parseCgroup(data)
	}
	return s
}

// Close closes all files.
func (s *Sampler) Close() {
	for _, f := range []*os.File{s.listing, s.stat, s.pressure} {
		if f != nil {
			_ = f.Close()
		}
	}
	for _, p := range s.processes {
		p.close()
	}
	s.processes = nil
}

// Sample reads everything once. What the runtime hides is missing, with the
// reason; nothing is 0 for it.
func (s *Sampler) Sample() wire.Usage {
	u := wire.Usage{At: time.Now().UTC(), Since: s.since, Node: s.node()}
	if err := s.read(); err != nil {
		u.Hidden = err.Error()
	} else {
		s.ledger.update(s.readings)
		u.Containers = s.ledger.counters()
		var mixed bool
		if u.Hidden, mixed = s.hidden(); mixed {
			u.Containers = nil
		}
	}
	control := readCPUControl(s.files)
	for i := range u.Containers {
		if c := &u.Containers[i]; c.ID == ownContainer {
			c.LimitCores, c.Periods, c.Throttled = control.LimitCores, control.Periods, control.Throttled
		}
	}
	return u
}

// hidden says why other containers cannot be seen, or nothing; mixed is set if
// they cannot be told from the worker's own.
func (s *Sampler) hidden() (reason string, mixed bool) {
	if s.pid == 1 {
		return "the pod's containers do not share a process namespace", false
	}
	first := s.processes[1] // of the pod's sandbox, never ours
	switch {
	case s.own == unknownContainer || first != nil && first.container == ownContainer:
		return "the runtime does not tell containers apart in /proc/PID/cgroup", true
	case first == nil:
		return "the runtime hides the processes of other containers in /proc", false
	}
	return "", false
}

// read reads all processes.
func (s *Sampler) read() error {
	pids, err := numbers(s.listing)
	if err != nil {
		return fmt.Errorf("the runtime hides /proc: %w", err)
	}
	round := s.ledger.updates + 1
	s.readings = s.readings[:0]
	for _, pid := range pids {
		p := s.processes[pid]
		if p == nil || !s.refresh(p) {
			// Unknown, or its pid went to another process.
			if p != nil {
				p.close()
				delete(s.processes, pid)
			}
			if p = s.open(pid); p == nil || !s.refresh(p) {
				p.close()
				continue // it has just ended
			}
			s.processes[pid] = p
		}
		p.round = round
		s.readThreads(p, round)
		s.readings = append(s.readings, p.reading)
	}
	for pid, p := range s.processes {
		if p.round != round {
			p.close()
			delete(s.processes, pid)
		}
	}
	if len(s.readings) == 0 {
		return errors.New("the runtime shows no process in /proc")
	}
	return nil
}

func (s *Sampler) open(pid int) *process {
	dir := s.path("proc", strconv.Itoa(pid))
	stat, err := os.Open(filepath.Join(dir, "stat"))
	if err != nil {
		return nil
	}
	p := &process{reading: reading{pid: pid, container: unknownContainer}, stat: stat, threads: map[int]*thread{}}
	if data, err := os.ReadFile(filepath.Join(dir, "cgroup")); err == nil {
		if p.container = parseCgroup(data); p.container == s.own && s.own != unknownContainer {
			p.container = ownContainer
		}
	}
	p.statm, _ = os.Open(filepath.Join(dir, "statm"))
	p.tasks, _ = os.Open(filepath.Join(dir, "task"))
	return p
}

// refresh reads a process again; false if it is not there any more.
func (s *Sampler) refresh(p *process) bool {
	data, err := s.content(p.stat)
	if err != nil {
		return false
	}
	now, ok := parseProcessStat(data)
	if !ok || p.start != 0 && now.start != p.start {
		return false
	}
	p.processStat = now
	if data, err := s.content(p.statm); err == nil {
		if pages, ok := parseStatm(data); ok {
			p.rss = pages * int64(os.Getpagesize())
		}
	}
	return true
}

// readThreads adds up what the threads of a process ran.
func (s *Sampler) readThreads(p *process, round int) {
	p.busiest = nil
	ids, err := numbers(p.tasks)
	if err != nil {
		return
	}
	known := p.run > 0
	sum := p.ended
	for _, id := range ids {
		t := p.threads[id]
		if t == nil {
			f, err := os.Open(s.path("proc", strconv.Itoa(p.pid), "task", strconv.Itoa(id), "schedstat"))
			if err != nil {
				continue
			}
			t = &thread{schedstat: f}
			p.threads[id] = t
		}
		ran, ok := time.Duration(0), false
		if data, err := s.content(t.schedstat); err == nil {
			ran, ok = parseSchedstat(data)
		}
		if !ok || ran < t.ran { // it ended; a new one of its id is opened next time
			continue
		}
		if more := ran - t.ran; known && (p.busiest == nil || more > *p.busiest) {
			p.busiest = &more
		}
		t.ran, t.round = ran, round
		sum += ran
	}
	for id, t := range p.threads {
		if t.round != round {
			p.ended += t.ran
			sum += t.ran
			_ = t.schedstat.Close()
			delete(p.threads, id)
		}
	}
	p.run = sum
}

func (s *Sampler) node() *wire.NodeCounters {
	data, err := s.content(s.stat)
	if err != nil {
		return nil
	}
	c, ok := parseHostStat(data)
	if !ok {
		return nil
	}
	c.Machine = s.machine
	if data, err := s.content(s.pressure); err == nil {
		if waited, ok := parsePressure(data); ok {
			us := waited.Microseconds()
			c.PressureUs = &us
		}
	}
	return c
}

// content reads an open file from its beginning. It is valid until the next call.
func (s *Sampler) content(f *os.File) ([]byte, error) {
	if f == nil {
		return nil, os.ErrNotExist
	}
	for {
		n, err := f.ReadAt(s.buffer, 0)
		if errors.Is(err, io.EOF) {
			return s.buffer[:n], nil
		}
		if err != nil {
			return nil, err
		}
		s.buffer = make([]byte, 2*len(s.buffer)) // it did not fit
	}
}

func (s *Sampler) path(parts ...string) string {
	return filepath.Join(append([]string{s.root}, parts...)...)
}

// numbers lists the names in a directory that are numbers, sorted.
func numbers(dir *os.File) ([]int, error) {
	if dir == nil {
		return nil, os.ErrNotExist
	}
	if _, err := dir.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	var out []int
	for _, name := range names {
		if n, ok := parseCount([]byte(name)); ok {
			out = append(out, int(n))
		}
	}
	slices.Sort(out)
	return out, nil
}

func (p *process) close() {
	if p == nil {
		return
	}
	for _, f := range []*os.File{p.stat, p.statm, p.tasks} {
		if f != nil {
			_ = f.Close()
		}
	}
	for _, t := range p.threads {
		_ = t.schedstat.Close()
	}
}
