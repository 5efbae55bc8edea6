package target

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// noSize echoes the request's body.
const noSize = -1

// ask is what one request wants of the echo.
type ask struct {
	// size is the body's length in bytes; noSize echoes the request's body.
	size   int
	delay  time.Duration
	status int
	// faults are what to draw for the request; nil for nothing.
	faults *wire.Faults
	// chain is how to go on; nil for not at all.
	chain *wire.Chain
}

// limits are the most that anybody may ask of a target: what the levels of its
// run need. The port is open to all who reach the pod.
type limits struct {
	body  int
	delay time.Duration
}

// parseAsk reads the query of an echo request. Parameters it does not know are
// passed over, as fortio does.
func parseAsk(query string, most limits) (ask, error) {
	a := ask{size: noSize, status: http.StatusOK}
	if query == "" {
		return a, nil
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return a, fmt.Errorf("query: %w", err)
	}
	if s := values.Get(wire.QuerySize); s != "" {
		if a.size, err = strconv.Atoi(s); err != nil || a.size < 0 || a.size > most.body {
			return a, fmt.Errorf("size %q, want 0 to %d", s, most.body)
		}
	}
	if s := values.Get(wire.QueryDelay); s != "" {
		if a.delay, err = time.ParseDuration(s); err != nil || a.delay < 0 || a.delay > most.delay {
			return a, fmt.Errorf("delay %q, want 0s to %s", s, most.delay)
		}
	}
	if s := values.Get(wire.QueryStatus); s != "" {
		if a.status, err = strconv.Atoi(s); err != nil || a.status < 200 || a.status > 599 {
			return a, fmt.Errorf("status %q, want 200 to 599", s)
		}
	}
	if s := values.Get(wire.QueryFaults); s != "" {
		faults, err := wire.ParseFaults(s)
		if err != nil {
			return a, err
		}
		a.faults = &faults
	}
	if s := values.Get(wire.QueryChain); s != "" {
		chain, err := wire.ParseChain(s)
		if err != nil {
			return a, err
		}
		a.chain = &chain
	}
	return a, nil
}
