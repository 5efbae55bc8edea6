//go:build unix

// Command burn uses a known share of one core and says how much it used, by the
// kernel's own count, so that a test can see whether somebody else counts the
// same. It may also freeze a program beside it. It is part of no product.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// Report is one line of its output: the CPU time used up to an instant,
// children included that were waited for.
type Report struct {
	At         time.Time `json:"at"`
	CPUSeconds float64   `json:"cpuSeconds"`
}

const (
	// slice is how long it works or sleeps at a time.
	slice = 5 * time.Millisecond
	// life is how long a child works at most.
	life = 60 * time.Millisecond
	// interval is how often it reports.
	interval = 100 * time.Millisecond
)

func main() {
	share := flag.Float64("share", 0.3, "of one core, up to 1")
	children := flag.Bool("children", false, "leave the work to children that live for a moment")
	exitAfter := flag.Duration("exit-after", 0, "end with an error after so long; 0 never")
	spin := flag.Duration("spin", 0, "use so much CPU time and end")
	frozen := flag.String("freeze", "", "in place of all that, stop and go on with this program, again and again")
	every := flag.Duration("every", 4*time.Second, "how often it is stopped")
	lasts := flag.Duration("lasts", 2*time.Second, "and for how long")
	flag.Parse()
	do := func() error { return run(*share, *children, *exitAfter, *spin) }
	if *frozen != "" {
		do = func() error { return freeze(*frozen, *every, *lasts) }
	}
	if err := do(); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "burn:", err)
		os.Exit(1)
	}
}

func run(share float64, children bool, exitAfter, spin time.Duration) error {
	runtime.LockOSThread()
	if spin > 0 {
		return work(spin)
	}
	out := json.NewEncoder(os.Stdout)
	begun := time.Now()
	for next := begun; ; {
		now := time.Now()
		used, err := used()
		if err != nil {
			return err
		}
		if !now.Before(next) {
			if err := out.Encode(Report{At: now.UTC(), CPUSeconds: used.Seconds()}); err != nil {
				return err
			}
			next = now.Add(interval)
		}
		if exitAfter > 0 && now.Sub(begun) > exitAfter {
			return fmt.Errorf("was told to end after %s", exitAfter)
		}
		// What is missing is made up for, so the share holds on a busy machine too.
		missing := time.Duration(share*float64(now.Sub(begun))) - used
		switch {
		case missing < slice, children && missing < life:
			time.Sleep(slice)
		case children:
			if err := exec.Command(os.Args[0], "-spin", min(missing, life).String()).Run(); err != nil {
				return err
			}
		default:
			if err := work(min(missing, 4*slice)); err != nil {
				return err
			}
		}
	}
}

// work uses that much CPU time.
func work(d time.Duration) error {
	from, err := used()
	for now := from; err == nil && now-from < d; {
		now, err = used()
	}
	return err
}

func used() (time.Duration, error) {
	var sum time.Duration
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var r syscall.Rusage
		if err := syscall.Getrusage(who, &r); err != nil {
			return 0, err
		}
		sum += time.Duration(r.Utime.Nano() + r.Stime.Nano())
	}
	return sum, nil
}
