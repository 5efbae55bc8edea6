package wire

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// FaultText is how the answer of a request begins that a target fails on purpose:
// a mesh that fails one itself has other words.
const FaultText = "meshbench target: fails as asked"

// Faults are what a target draws for each request of a trial that it gets.
type Faults struct {
	// ErrorRatio of the requests fail, and SlowRatio wait for the delay that they
	// ask for; each 0 to 1.
	ErrorRatio, SlowRatio float64
	// Seed is one for all load pods of a trial, and for all arms of its round.
	Seed uint64
}

// FaultsOf are those that a request asks for; nil for one without.
func FaultsOf(r v1alpha1.Request, seed uint64) *Faults {
	if !r.Drawn() {
		return nil
	}
	return &Faults{ErrorRatio: r.ErrorRatio, SlowRatio: r.SlowRatio, Seed: seed}
}

// String is how requests carry them.
func (f Faults) String() string {
	ratio := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	return ratio(f.ErrorRatio) + "," + ratio(f.SlowRatio) + "," + strconv.FormatUint(f.Seed, 10)
}

// ParseFaults reads what String wrote.
func ParseFaults(text string) (Faults, error) {
	var f Faults
	fail, rest, _ := strings.Cut(text, ",")
	slow, seed, _ := strings.Cut(rest, ",")
	for _, part := range []struct {
		text string
		into *float64
	}{{fail, &f.ErrorRatio}, {slow, &f.SlowRatio}} {
		v, err := strconv.ParseFloat(part.text, 64)
		if err != nil || !(v >= 0 && v <= 1) {
			return Faults{}, fmt.Errorf("faults %.60q, want two shares from 0 to 1 and a seed", text)
		}
		*part.into = v
	}
	var err error
	if f.Seed, err = strconv.ParseUint(seed, 10, 64); err != nil {
		return Faults{}, fmt.Errorf("faults %.60q have no seed", text)
	}
	return f, nil
}

// Draw says what becomes of the request that arrives with that number, counted
// from 0: the same each time. The two are independent of each other, and of those
// of all other numbers.
func (f Faults) Draw(number uint64) (fails, slow bool) {
	state := mix(f.Seed) + number
	return share(mix(state)) < f.ErrorRatio, share(mix(^state)) < f.SlowRatio
}

// mix is the output function of SplitMix64 (Steele, Lea, Flood: Fast splittable
// pseudorandom number generators, OOPSLA 2014) on the state with that number.
func mix(n uint64) uint64 {
	z := n * 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// share is in [0, 1).
func share(n uint64) float64 { return math.Ldexp(float64(n>>11), -53) }
