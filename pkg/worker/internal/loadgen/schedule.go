package loadgen

import (
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// schedule gives every request of an open schedule its instant. Requests of
// all connections of all load pods are staggered evenly: request k of
// connection c of N is due at start + (k*N + c) / rate.
type schedule struct {
	start time.Time
	// seconds between two requests of the trial.
	interval float64
	// total is N; first is the number of this worker's first connection.
	total, first int
}

// scheduleOf begins at start. Connections are numbered through all load pods:
// pod i of n has numbers i, i+n, i+2n ...
func scheduleOf(s wire.LoadSpec, start time.Time) schedule {
	return schedule{
		start:    start,
		interval: 1 / float64(s.Rate),
		total:    s.Connections * s.Clients,
		first:    s.Client,
	}
}

// between counts this worker's requests of a connection from request k on that
// are due in [from, to), and returns the due instant of the first. A schedule of
// billions is counted as fast as one of ten.
func (s schedule) between(clients, connection int, k int64, from, to time.Time) (n int64, first time.Time) {
	reaches := func(at time.Time) int64 { // the first request from k on that is due at or after an instant
		step := float64(s.total) * s.interval
		offset := float64(connection*clients+s.first) * s.interval
		guess := max(k, int64((at.Sub(s.start).Seconds()-offset)/step)-1)
		for s.due(clients, connection, guess).Before(at) { // floating point errs by one at most
			guess++
		}
		return guess
	}
	begin := reaches(from)
	return max(0, reaches(to)-begin), s.due(clients, connection, begin)
}

// due is the instant of request k of this worker's connection c.
func (s schedule) due(clients, connection int, k int64) time.Time {
	number := float64(s.number(clients, connection, k))
	return s.start.Add(time.Duration(number * s.interval * float64(time.Second)))
}

// number is that of request k of this worker's connection c in the whole trial.
func (s schedule) number(clients, connection int, k int64) int64 {
	return k*int64(s.total) + int64(connection*clients+s.first)
}
