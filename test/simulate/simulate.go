// Package simulate is what tests need that show how often a method is wrong: a
// seeded source of runs, and more of them where SIMULATE asks for it. It is no
// part of the product.
package simulate

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
)

// Runs is n, times the number in the environment variable SIMULATE. With -short it
// skips the test: how often a method errs is no question for the fast loop, nor for
// mutation testing, which would ask it of every change.
func Runs(t *testing.T, n int) int {
	t.Helper()
	if testing.Short() {
		t.Skip("a simulation, left out with -short")
	}
	times, err := strconv.Atoi(os.Getenv("SIMULATE"))
	if err != nil || times < 1 {
		return n
	}
	return n * times
}

// Share is in how many of n seeded runs something came out, 0 to 1. It is logged
// under its name, which seeds the runs.
func Share(t *testing.T, name string, n int, run func(*rand.Rand) bool) float64 {
	t.Helper()
	n = Runs(t, n)
	random, hits := Source(name), 0
	for range n {
		if run(random) {
			hits++
		}
	}
	share := float64(hits) / float64(n)
	t.Logf("%s: %.2f %% of %d runs", name, 100*share, n)
	return share
}

// Source is a random source that is seeded by a name.
func Source(name string) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name)) // never fails
	return rand.New(rand.NewPCG(20260101, h.Sum64()))
}

// AtMost fails the test if a share of n runs is above a bound by more than three
// standard errors of a share that is right at it.
func AtMost(t *testing.T, name string, share, bound float64, n int) {
	t.Helper()
	if noise := 3 * math.Sqrt(bound*(1-bound)/float64(Runs(t, n))); share > bound+noise {
		t.Errorf("%s: %.2f %% is above %.3g %% (+ %.2g %% for %d runs)", name, 100*share, 100*bound, 100*noise, Runs(t, n))
	}
}

// AtLeast is AtMost from below.
func AtLeast(t *testing.T, name string, share, bound float64, n int) {
	t.Helper()
	if noise := 3 * math.Sqrt(bound*(1-bound)/float64(Runs(t, n))); share < bound-noise {
		t.Errorf("%s: %.2f %% is below %.3g %% (- %.2g %% for %d runs)", name, 100*share, 100*bound, 100*noise, Runs(t, n))
	}
}
