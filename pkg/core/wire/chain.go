package wire

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

const (
	// maxHops and maxFanOut bound what a request may ask of a target, whatever it was
	// made for.
	maxHops, maxFanOut = 16, 32
)

// Chain is what is left of a request's way when a target gets it.
type Chain struct {
	// Hops are the targets that the request goes through, this one included.
	Hops int
	// FanOut is how often this target calls the next one at once.
	FanOut int
}

// ChainOf is that of a request as load sends it; nil for one that ends at the first
// target.
func ChainOf(r v1alpha1.Request) *Chain {
	if !r.Chained() {
		return nil
	}
	return &Chain{Hops: r.Hops, FanOut: max(r.FanOut, 1)}
}

// Next is what the next target gets. Only the first one calls more than once.
func (c Chain) Next() Chain { return Chain{Hops: c.Hops - 1, FanOut: 1} }

// GoesOn reports whether this target calls another.
func (c *Chain) GoesOn() bool { return c != nil && c.Hops > 1 }

// String is how requests carry it.
func (c Chain) String() string { return strconv.Itoa(c.Hops) + "," + strconv.Itoa(c.FanOut) }

// ParseChain reads what String wrote.
func ParseChain(text string) (Chain, error) {
	hops, fan, _ := strings.Cut(text, ",")
	h, err := strconv.Atoi(hops)
	f, errFan := strconv.Atoi(fan)
	if err != nil || errFan != nil || h < 1 || h > maxHops || f < 1 || f > maxFanOut {
		return Chain{}, fmt.Errorf("chain %.20q, want 1 to %d hops and 1 to %d calls at once", text, maxHops, maxFanOut)
	}
	return Chain{Hops: h, FanOut: f}, nil
}

// Onward counts the calls that a target made to the next one.
type Onward struct {
	Sent   int64 `json:"sent"`
	Failed int64 `json:"failed"`
	// Opened are the connections that were opened for them.
	Opened int64 `json:"opened"`
}
