package procstat

import (
	"cmp"
	"slices"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// ledger adds up processes by container. Its counters never go down, whatever
// starts, ends or is restarted.
//
// A process that ends is not lost: what it used after its last reading, or all
// if it was never read, comes back as its parent's time of children, once the
// parent has waited for it. Lost is what no process of the pod waits for (the
// kernel waits for children of a parent that ignores them) and what the first
// process of a container uses after its last reading: at most the CPU time of
// one interval for each process that ends so. Counting in ticks hides up to
// 20 ms of each short-lived process, and up to 4 ms of each running thread are
// still to be seen at the next reading.
type ledger struct {
	processes map[processKey]*entry
	accounts  map[string]*account
	updates   int
}

type processKey struct {
	pid   int
	start uint64
}

// reading is one process at one instant.
type reading struct {
	processStat
	pid       int
	container string
	// run is the time that its threads, ended ones included, were seen to run,
	// in nanoseconds; 0 where the kernel does not count it.
	run time.Duration
	// busiest is that of the busiest thread since the reading before; nil where
	// threads are not told apart.
	busiest *time.Duration
	rss     int64
}

// entry is what was last read of a living process.
type entry struct {
	reading
	own spent
	// pending is what children had used that ended, and that this parent was not
	// seen to get yet.
	pending spent
	seen    int
}

// account is what a container has used.
type account struct {
	total   spent
	rss     int64
	busiest *time.Duration
	seen    int
}

// spent is CPU time. cpu is at least user plus system, which count in ticks.
type spent struct{ cpu, user, system time.Duration }

func (s spent) plus(o spent) spent { return spent{s.cpu + o.cpu, s.user + o.user, s.system + o.system} }

// minus is never below 0 in any part.
func (s spent) minus(o spent) spent {
	return spent{max(s.cpu-o.cpu, 0), max(s.user-o.user, 0), max(s.system-o.system, 0)}
}

func (s spent) atMost(o spent) spent {
	return spent{min(s.cpu, o.cpu), min(s.user, o.user), min(s.system, o.system)}
}

// forgetAfter is the number of updates after which a container without
// processes is left out. Its last figures were told often enough by then.
const forgetAfter = 120

func newLedger() *ledger {
	return &ledger{processes: map[processKey]*entry{}, accounts: map[string]*account{}}
}

// own takes the better of two counts, neither of which is ever too high: ticks,
// which hold ended threads, and the scheduler's, which is exact.
func (r reading) own() spent {
	return spent{max(r.user+r.system, r.run), r.user, r.system}
}

func (r reading) children() spent {
	return spent{r.childUser + r.childSystem, r.childUser, r.childSystem}
}

// update takes the readings of all processes at one instant.
func (l *ledger) update(readings []reading) {
	l.updates++
	for _, a := range l.accounts {
		a.rss, a.busiest = 0, nil
	}
	born := map[processKey]bool{}
	for _, r := range readings {
		key := processKey{r.pid, r.start}
		a := l.account(r.container)
		a.seen = l.updates
		a.rss += r.rss
		if r.busiest != nil && (a.busiest == nil || *r.busiest > *a.busiest) {
			a.busiest = r.busiest
		}
		e := l.processes[key]
		if e == nil {
			// Its children are all that ended before it was first read.
			e = &entry{reading: r, own: r.own()}
			l.processes[key] = e
			a.total = a.total.plus(e.own).plus(r.children())
			born[key] = true
		} else {
			more := r.own().minus(e.own)
			a.total = a.total.plus(more)
			e.own = e.own.plus(more)
		}
		e.seen = l.updates
	}
	heirs := l.bury()
	for _, r := range readings {
		key := processKey{r.pid, r.start}
		e := l.processes[key]
		if !born[key] {
			l.inherit(e, r, heirs[r.pid])
		}
		e.reading = r
	}
	for id, a := range l.accounts {
		if l.updates-a.seen > forgetAfter {
			delete(l.accounts, id)
		}
	}
}

func (l *ledger) account(container string) *account {
	a := l.accounts[container]
	if a == nil {
		a = &account{}
		l.accounts[container] = a
	}
	return a
}

// estate is what processes that ended had used when they were last read.
type estate struct {
	spent     spent
	container string
}

// bury forgets processes that ended, and tells what their parents will get. A
// parent that ended as well hands it on to its own.
func (l *ledger) bury() map[int]estate {
	gone := map[int]*entry{}
	for key, e := range l.processes {
		if e.seen != l.updates {
			gone[key.pid] = e
			delete(l.processes, key)
		}
	}
	heirs := map[int]estate{}
	for _, e := range gone {
		heir := e.parent
		for range gone {
			next := gone[heir]
			if next == nil {
				break
			}
			heir = next.parent
		}
		left := heirs[heir]
		left.spent = left.spent.plus(e.own).plus(e.children())
		left.container = e.container
		heirs[heir] = left
	}
	return heirs
}

// inherit adds what a process got from children beyond what was read of them.
// Orphans end up with the pod's first process, which belongs to no container of
// ours: what they used stays with their own.
func (l *ledger) inherit(e *entry, now reading, left estate) {
	grown := now.children().minus(e.children())
	expected := e.pending.plus(left.spent)
	unseen := grown.minus(expected)
	// A child may be seen to be gone before its parent is seen to have waited;
	// what was expected longer will not come.
	e.pending = expected.minus(grown).atMost(left.spent)
	if unseen.cpu == 0 {
		return
	}
	container := now.container
	if left.spent.cpu > 0 {
		container = left.container
	}
	a := l.account(container)
	a.total = a.total.plus(unseen)
}

// counters are sorted by id.
func (l *ledger) counters() []wire.ContainerCounters {
	var out []wire.ContainerCounters
	for id, a := range l.accounts {
		if id == unknownContainer {
			continue
		}
		c := wire.ContainerCounters{
			ID: id, CPUNs: a.total.cpu.Nanoseconds(),
			UserMs: a.total.user.Milliseconds(), SystemMs: a.total.system.Milliseconds(), RSSBytes: a.rss,
		}
		if a.busiest != nil {
			ns := a.busiest.Nanoseconds()
			c.BusiestNs = &ns
		}
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b wire.ContainerCounters) int { return cmp.Compare(a.ID, b.ID) })
	return out
}
