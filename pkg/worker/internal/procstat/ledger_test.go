package procstat

import (
	"math/rand/v2"
	"testing"
	"time"
)

const ms = time.Millisecond

// proc is a reading; times are in milliseconds.
func proc(pid, parent int, container string, own, children int) reading {
	return reading{pid: pid, container: container, processStat: processStat{
		parent: parent, start: uint64(pid), user: time.Duration(own) * ms, childUser: time.Duration(children) * ms,
	}}
}

func (l *ledger) used(container string) time.Duration {
	if a := l.accounts[container]; a != nil {
		return a.total.cpu
	}
	return 0
}

func TestLedger(t *testing.T) {
	const pause = "pause"
	for name, c := range map[string]struct {
		steps [][]reading
		want  time.Duration // of container c
	}{
		"one process": {[][]reading{{proc(5, 0, "c", 100, 0)}, {proc(5, 0, "c", 150, 0)}}, 150 * ms},
		"a child that is read, ends and is waited for counts once": {[][]reading{
			{proc(5, 0, "c", 100, 0), proc(6, 5, "c", 50, 0)},
			{proc(5, 0, "c", 100, 70)},
		}, 170 * ms},
		"a child that lives between two readings": {[][]reading{
			{proc(5, 0, "c", 100, 0)},
			{proc(5, 0, "c", 100, 300)},
		}, 400 * ms},
		"a child that is gone before its parent is seen to have waited": {[][]reading{
			{proc(5, 0, "c", 100, 0), proc(6, 5, "c", 50, 0)},
			{proc(5, 0, "c", 100, 0)},
			{proc(5, 0, "c", 100, 70)},
		}, 170 * ms},
		"a child that nobody waits for keeps what was read of it": {[][]reading{
			{proc(5, 0, "c", 100, 0), proc(6, 5, "c", 50, 0)},
			{proc(5, 0, "c", 100, 0)}, {proc(5, 0, "c", 100, 0)},
			{proc(5, 0, "c", 100, 30)}, // of another child, never read
		}, 180 * ms},
		"a family that ends at once": {[][]reading{
			{proc(5, 0, "c", 100, 0), proc(6, 5, "c", 50, 0), proc(7, 6, "c", 20, 0)},
			{proc(5, 0, "c", 100, 90)},
		}, 190 * ms},
		"an orphan goes to the pod's first process, its time does not": {[][]reading{
			{proc(1, 0, pause, 10, 0), proc(5, 0, "c", 100, 0), proc(6, 1, "c", 50, 0)},
			{proc(1, 0, pause, 10, 80), proc(5, 0, "c", 100, 0)},
		}, 180 * ms},
		"a pid that is used again": {[][]reading{
			{proc(5, 0, "c", 100, 0)},
			{{pid: 5, container: "c", processStat: processStat{start: 99, user: 30 * ms}}},
		}, 130 * ms},
		"threads are counted more exactly than ticks": {[][]reading{
			{{pid: 5, container: "c", run: 104 * ms, processStat: processStat{start: 5, user: 100 * ms}}},
		}, 104 * ms},
		"and ticks hold threads that ended": {[][]reading{
			{{pid: 5, container: "c", run: 4 * ms, processStat: processStat{start: 5, user: 100 * ms}}},
		}, 100 * ms},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLedger()
			for _, step := range c.steps {
				l.update(step)
			}
			if got := l.used("c"); got != c.want {
				t.Errorf("the container used %s, want %s", got, c.want)
			}
			if got := l.used(pause); got > 10*ms {
				t.Errorf("the pod's first process used %s, want 10ms", got)
			}
		})
	}
}

// Whatever starts, forks, ends and is waited for: no counter goes down, none
// holds more than was used, and what is lost is within the stated bound.
func TestLedgerNeitherInventsNorLosesBeyondItsBound(t *testing.T) {
	type living struct {
		reading
		since time.Duration // used since the last reading
	}
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 1))
		l := newLedger()
		alive := map[int]*living{5: {reading: proc(5, 0, "c", 0, 0)}}
		next := 6
		var used, bound, before time.Duration
		waits := seed%2 == 0 // a program waits for its children, or ignores them
		for range 40 {
			for range 1 + random.IntN(8) {
				switch random.IntN(4) {
				case 0: // fork
					alive[next] = &living{reading: proc(next, 5, "c", 0, 0)}
					next++
				case 1: // end
					for pid, p := range alive {
						if pid == 5 {
							continue
						}
						delete(alive, pid)
						if waits {
							alive[5].childUser += p.user + p.childUser
						} else {
							bound += p.since
						}
						break
					}
				default: // run
					for _, p := range alive {
						ran := time.Duration(random.IntN(10)) * 10 * ms
						p.user += ran
						p.since += ran
						used += ran
						break
					}
				}
			}
			var readings []reading
			for _, p := range alive {
				readings = append(readings, p.reading)
				p.since = 0
			}
			l.update(readings)
			got := l.used("c")
			if got < before {
				t.Fatalf("seed %d: the counter fell from %s to %s", seed, before, got)
			}
			before = got
			if got > used {
				t.Fatalf("seed %d: counted %s of %s", seed, got, used)
			}
		}
		if lost := used - before; lost > bound {
			t.Errorf("seed %d: lost %s of %s, the bound is %s", seed, lost, used, bound)
		}
	}
}

func TestLedgerForgetsContainersThatAreLongGone(t *testing.T) {
	l := newLedger()
	l.update([]reading{proc(5, 0, "c", 100, 0), proc(9, 0, "d", 1, 0)})
	for range forgetAfter {
		l.update([]reading{proc(9, 0, "d", 1, 0)})
	}
	if l.accounts["c"] == nil {
		t.Error("a container was forgotten too soon")
	}
	l.update([]reading{proc(9, 0, "d", 1, 0)})
	if l.accounts["c"] != nil || l.accounts["d"] == nil {
		t.Errorf("accounts are %v, want d only", l.accounts)
	}
}
